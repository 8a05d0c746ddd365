using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class SamplePool : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<long>(
                name: "ItemId",
                table: "SetVersionItems",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AddColumn<string>(
                name: "CreatedByName",
                table: "Samples",
                type: "TEXT",
                maxLength: 256,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "DuplicateOfId",
                table: "Samples",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ExternalId",
                table: "Samples",
                type: "TEXT",
                maxLength: 128,
                nullable: true);

            migrationBuilder.AddColumn<bool>(
                name: "IsCompared",
                table: "Samples",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "IsScript",
                table: "Samples",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "Samples",
                type: "TEXT",
                maxLength: 8,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<string>(
                name: "MetadataJson",
                table: "Samples",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Origin",
                table: "Samples",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "Message");

            migrationBuilder.AddColumn<string>(
                name: "OriginName",
                table: "Samples",
                type: "TEXT",
                maxLength: 300,
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "QuestionLength",
                table: "Samples",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "RemovedAt",
                table: "Samples",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Similarity",
                table: "Samples",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RuleJson",
                table: "EvaluationSets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "SourceJson",
                table: "EvaluationSets",
                type: "TEXT",
                nullable: true);

            migrationBuilder.CreateTable(
                name: "PoolOperations",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Work = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    RequestJson = table.Column<string>(type: "TEXT", nullable: false),
                    BizCodesJson = table.Column<string>(type: "TEXT", nullable: true),
                    Total = table.Column<int>(type: "INTEGER", nullable: false),
                    Done = table.Column<int>(type: "INTEGER", nullable: false),
                    Changed = table.Column<int>(type: "INTEGER", nullable: false),
                    Place = table.Column<string>(type: "TEXT", maxLength: 300, nullable: true),
                    Failure = table.Column<string>(type: "TEXT", maxLength: 100, nullable: true),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    FinishedAt = table.Column<long>(type: "INTEGER", nullable: true),
                    CreatedById = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PoolOperations", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "SampleBands",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "INTEGER", nullable: false),
                    SampleId = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SampleBands", x => new { x.Hash, x.SampleId });
                    table.ForeignKey(
                        name: "FK_SampleBands_Samples_SampleId",
                        column: x => x.SampleId,
                        principalTable: "Samples",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "SetTags",
                columns: table => new
                {
                    SetId = table.Column<long>(type: "INTEGER", nullable: false),
                    Name = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SetTags", x => new { x.SetId, x.Name });
                    table.ForeignKey(
                        name: "FK_SetTags_EvaluationSets_SetId",
                        column: x => x.SetId,
                        principalTable: "EvaluationSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "PoolChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    OperationId = table.Column<long>(type: "INTEGER", nullable: false),
                    SampleId = table.Column<long>(type: "INTEGER", nullable: false),
                    Tag = table.Column<string>(type: "TEXT", maxLength: 128, nullable: true),
                    SetItemId = table.Column<long>(type: "INTEGER", nullable: true),
                    IsAdded = table.Column<bool>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PoolChanges", x => x.Id);
                    table.ForeignKey(
                        name: "FK_PoolChanges_PoolOperations_OperationId",
                        column: x => x.OperationId,
                        principalTable: "PoolOperations",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_SetVersionItems_SetVersionId_ItemId",
                table: "SetVersionItems",
                columns: new[] { "SetVersionId", "ItemId" });

            migrationBuilder.CreateIndex(
                name: "IX_Samples_DuplicateOfId",
                table: "Samples",
                column: "DuplicateOfId");

            migrationBuilder.CreateIndex(
                name: "IX_Samples_IsCompared_Id",
                table: "Samples",
                columns: new[] { "IsCompared", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_Samples_RobotId_Id",
                table: "Samples",
                columns: new[] { "RobotId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_PoolChanges_OperationId_Id",
                table: "PoolChanges",
                columns: new[] { "OperationId", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_PoolOperations_State_Id",
                table: "PoolOperations",
                columns: new[] { "State", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_SampleBands_SampleId",
                table: "SampleBands",
                column: "SampleId");

            migrationBuilder.CreateIndex(
                name: "IX_SetTags_Name_SetId",
                table: "SetTags",
                columns: new[] { "Name", "SetId" });

            migrationBuilder.Sql(SamplePoolBackfill.People);
            migrationBuilder.Sql(SamplePoolBackfill.Items);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "PoolChanges");

            migrationBuilder.DropTable(
                name: "SampleBands");

            migrationBuilder.DropTable(
                name: "SetTags");

            migrationBuilder.DropTable(
                name: "PoolOperations");

            migrationBuilder.DropIndex(
                name: "IX_SetVersionItems_SetVersionId_ItemId",
                table: "SetVersionItems");

            migrationBuilder.DropIndex(
                name: "IX_Samples_DuplicateOfId",
                table: "Samples");

            migrationBuilder.DropIndex(
                name: "IX_Samples_IsCompared_Id",
                table: "Samples");

            migrationBuilder.DropIndex(
                name: "IX_Samples_RobotId_Id",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "ItemId",
                table: "SetVersionItems");

            migrationBuilder.DropColumn(
                name: "CreatedByName",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "DuplicateOfId",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "ExternalId",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "IsCompared",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "IsScript",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "Language",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "MetadataJson",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "Origin",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "OriginName",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "QuestionLength",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "RemovedAt",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "Similarity",
                table: "Samples");

            migrationBuilder.DropColumn(
                name: "RuleJson",
                table: "EvaluationSets");

            migrationBuilder.DropColumn(
                name: "SourceJson",
                table: "EvaluationSets");
        }
    }
}
