using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class ReproductionCases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A migration of its own: SQLite rebuilds the table at the end of the one before, and only then are the columns there.
            migrationBuilder.Sql(ReproductionBackfill.SqliteKeys);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
