using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.MySql
{
    /// <inheritdoc />
    public partial class ReproductionCases : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // A migration of its own: SQLite rebuilds the table at the end of the one before, and only then are the columns there.
            migrationBuilder.Sql(ReproductionBackfill.MySqlKeys);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {

        }
    }
}
