using System;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.MySql
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
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.AlterColumn<string>(
                name: "Name",
                table: "SampleTags",
                type: "varchar(128)",
                maxLength: 128,
                nullable: false,
                collation: "utf8mb4_bin",
                oldClrType: typeof(string),
                oldType: "varchar(64)",
                oldMaxLength: 64)
                .OldAnnotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "CreatedByName",
                table: "Samples",
                type: "varchar(256)",
                maxLength: 256,
                nullable: false,
                defaultValue: "",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<long>(
                name: "DuplicateOfId",
                table: "Samples",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ExternalId",
                table: "Samples",
                type: "varchar(128)",
                maxLength: 128,
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<bool>(
                name: "IsCompared",
                table: "Samples",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "IsScript",
                table: "Samples",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Language",
                table: "Samples",
                type: "varchar(8)",
                maxLength: 8,
                nullable: false,
                defaultValue: "",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "MetadataJson",
                table: "Samples",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "Origin",
                table: "Samples",
                type: "varchar(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Message",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "OriginName",
                table: "Samples",
                type: "varchar(300)",
                maxLength: 300,
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<int>(
                name: "QuestionLength",
                table: "Samples",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<DateTime>(
                name: "RemovedAt",
                table: "Samples",
                type: "datetime(6)",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Similarity",
                table: "Samples",
                type: "double",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "RuleJson",
                table: "EvaluationSets",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "SourceJson",
                table: "EvaluationSets",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "PoolOperations",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    Work = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    State = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    RequestJson = table.Column<string>(type: "longtext", nullable: false, collation: "utf8mb4_bin"),
                    BizCodesJson = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin"),
                    Total = table.Column<int>(type: "int", nullable: false),
                    Done = table.Column<int>(type: "int", nullable: false),
                    Changed = table.Column<int>(type: "int", nullable: false),
                    Place = table.Column<string>(type: "varchar(300)", maxLength: 300, nullable: true, collation: "utf8mb4_bin"),
                    Failure = table.Column<string>(type: "varchar(100)", maxLength: 100, nullable: true, collation: "utf8mb4_bin"),
                    CreatedAt = table.Column<DateTime>(type: "datetime(6)", nullable: false),
                    FinishedAt = table.Column<DateTime>(type: "datetime(6)", nullable: true),
                    CreatedById = table.Column<long>(type: "bigint", nullable: false),
                    CreatedByName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: false, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_PoolOperations", x => x.Id);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "SampleBands",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    SampleId = table.Column<long>(type: "bigint", nullable: false)
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "SetTags",
                columns: table => new
                {
                    SetId = table.Column<long>(type: "bigint", nullable: false),
                    Name = table.Column<string>(type: "varchar(128)", maxLength: 128, nullable: false, collation: "utf8mb4_bin")
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "PoolChanges",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    OperationId = table.Column<long>(type: "bigint", nullable: false),
                    SampleId = table.Column<long>(type: "bigint", nullable: false),
                    Tag = table.Column<string>(type: "varchar(128)", maxLength: 128, nullable: true, collation: "utf8mb4_bin"),
                    SetItemId = table.Column<long>(type: "bigint", nullable: true),
                    IsAdded = table.Column<bool>(type: "tinyint(1)", nullable: false)
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

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

            migrationBuilder.AlterColumn<string>(
                name: "Name",
                table: "SampleTags",
                type: "varchar(64)",
                maxLength: 64,
                nullable: false,
                collation: "utf8mb4_bin",
                oldClrType: typeof(string),
                oldType: "varchar(128)",
                oldMaxLength: 128)
                .OldAnnotation("Relational:Collation", "utf8mb4_bin");
        }
    }
}
