using System;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.MySql
{
    /// <inheritdoc />
    public partial class Reproduction : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "RegressionChecks",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    SetId = table.Column<long>(type: "bigint", nullable: false),
                    TargetId = table.Column<long>(type: "bigint", nullable: false),
                    IsPaused = table.Column<bool>(type: "tinyint(1)", nullable: false),
                    LastRound = table.Column<int>(type: "int", nullable: false),
                    LastRoundAt = table.Column<DateTime>(type: "datetime(6)", nullable: true),
                    LeftOut = table.Column<int>(type: "int", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime(6)", nullable: false),
                    CreatedById = table.Column<long>(type: "bigint", nullable: false),
                    CreatedByName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: false, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_RegressionChecks", x => x.Id);
                    table.ForeignKey(
                        name: "FK_RegressionChecks_EvaluationSets_SetId",
                        column: x => x.SetId,
                        principalTable: "EvaluationSets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_RegressionChecks_Targets_TargetId",
                        column: x => x.TargetId,
                        principalTable: "Targets",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "ReproductionArms",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    TaskId = table.Column<long>(type: "bigint", nullable: false),
                    Index = table.Column<int>(type: "int", nullable: false),
                    TargetVersionId = table.Column<long>(type: "bigint", nullable: false),
                    TargetName = table.Column<string>(type: "varchar(100)", maxLength: 100, nullable: false, collation: "utf8mb4_bin"),
                    TargetNumber = table.Column<int>(type: "int", nullable: false),
                    PlanJson = table.Column<string>(type: "longtext", nullable: false, collation: "utf8mb4_bin"),
                    Times = table.Column<int>(type: "int", nullable: false),
                    Bad = table.Column<int>(type: "int", nullable: false),
                    Graded = table.Column<int>(type: "int", nullable: false),
                    Rate = table.Column<double>(type: "double", nullable: true),
                    Low = table.Column<double>(type: "double", nullable: true),
                    High = table.Column<double>(type: "double", nullable: true),
                    Verdict = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    IsEnded = table.Column<bool>(type: "tinyint(1)", nullable: false),
                    EndedEarly = table.Column<bool>(type: "tinyint(1)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ReproductionArms", x => x.Id);
                    table.ForeignKey(
                        name: "FK_ReproductionArms_ReproductionTasks_TaskId",
                        column: x => x.TaskId,
                        principalTable: "ReproductionTasks",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_ReproductionArms_TargetVersions_TargetVersionId",
                        column: x => x.TargetVersionId,
                        principalTable: "TargetVersions",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Restrict);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateIndex(
                name: "IX_RegressionChecks_SetId_TargetId",
                table: "RegressionChecks",
                columns: new[] { "SetId", "TargetId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_RegressionChecks_TargetId",
                table: "RegressionChecks",
                column: "TargetId");

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionArms_TargetVersionId",
                table: "ReproductionArms",
                column: "TargetVersionId");

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionArms_TaskId_Index",
                table: "ReproductionArms",
                columns: new[] { "TaskId", "Index" },
                unique: true);

            migrationBuilder.Sql(ReproductionBackfill.Arms);

            migrationBuilder.DropForeignKey(
                name: "FK_ReproductionTasks_TargetVersions_TargetVersionId",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_State",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_TargetVersionId",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Bad",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Graded",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "High",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Low",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "ParametersJson",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Rate",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "TargetName",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "TargetNumber",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "TargetVersionId",
                table: "ReproductionTasks");

            migrationBuilder.AlterColumn<long>(
                name: "MessageId",
                table: "ReproductionTasks",
                type: "bigint",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "bigint");

            migrationBuilder.AddColumn<string>(
                name: "CaseKey",
                table: "ReproductionTasks",
                type: "varchar(40)",
                maxLength: 40,
                nullable: false,
                defaultValue: "",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<long>(
                name: "CheckId",
                table: "ReproductionTasks",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "CheckRound",
                table: "ReproductionTasks",
                type: "int",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Comment",
                table: "ReproductionTasks",
                type: "varchar(2000)",
                maxLength: 2000,
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<double>(
                name: "P0",
                table: "ReproductionTasks",
                type: "double",
                nullable: false,
                defaultValue: 0.05);

            migrationBuilder.AddColumn<double>(
                name: "P1",
                table: "ReproductionTasks",
                type: "double",
                nullable: false,
                defaultValue: 0.3);

            migrationBuilder.AddColumn<string>(
                name: "QuestionPreview",
                table: "ReproductionTasks",
                type: "varchar(200)",
                maxLength: 200,
                nullable: false,
                defaultValue: "",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<long>(
                name: "SampleId",
                table: "ReproductionTasks",
                type: "bigint",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Severity",
                table: "ReproductionTasks",
                type: "varchar(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Minor",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<bool>(
                name: "StopsEarly",
                table: "ReproductionTasks",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<string>(
                name: "Verdict",
                table: "ReproductionTasks",
                type: "varchar(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "Undecided",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<int>(
                name: "ArmIndex",
                table: "ReproductionGenerations",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Explanation",
                table: "ReproductionGenerations",
                type: "varchar(1000)",
                maxLength: 1000,
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "JudgeJson",
                table: "ReproductionGenerations",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "ScoresJson",
                table: "ReproductionGenerations",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<string>(
                name: "TraceJson",
                table: "ReproductionGenerations",
                type: "longtext",
                nullable: true,
                collation: "utf8mb4_bin");

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_CaseKey_Id",
                table: "ReproductionTasks",
                columns: new[] { "CaseKey", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_CheckId_CheckRound_CaseKey",
                table: "ReproductionTasks",
                columns: new[] { "CheckId", "CheckRound", "CaseKey" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_SampleId",
                table: "ReproductionTasks",
                column: "SampleId");

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_State_CreatedAt_Id",
                table: "ReproductionTasks",
                columns: new[] { "State", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_Verdict_CreatedAt_Id",
                table: "ReproductionTasks",
                columns: new[] { "Verdict", "CreatedAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionGenerations_TaskId_ArmIndex_Index",
                table: "ReproductionGenerations",
                columns: new[] { "TaskId", "ArmIndex", "Index" },
                unique: true);

            migrationBuilder.AddForeignKey(
                name: "FK_ReproductionTasks_RegressionChecks_CheckId",
                table: "ReproductionTasks",
                column: "CheckId",
                principalTable: "RegressionChecks",
                principalColumn: "Id",
                onDelete: ReferentialAction.SetNull);

            migrationBuilder.AddForeignKey(
                name: "FK_ReproductionTasks_Samples_SampleId",
                table: "ReproductionTasks",
                column: "SampleId",
                principalTable: "Samples",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);

            migrationBuilder.DropIndex(
                name: "IX_ReproductionGenerations_TaskId_Index",
                table: "ReproductionGenerations");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateIndex(
                name: "IX_ReproductionGenerations_TaskId_Index",
                table: "ReproductionGenerations",
                columns: new[] { "TaskId", "Index" },
                unique: true);

            migrationBuilder.DropForeignKey(
                name: "FK_ReproductionTasks_RegressionChecks_CheckId",
                table: "ReproductionTasks");

            migrationBuilder.DropForeignKey(
                name: "FK_ReproductionTasks_Samples_SampleId",
                table: "ReproductionTasks");

            migrationBuilder.DropTable(
                name: "RegressionChecks");

            migrationBuilder.DropTable(
                name: "ReproductionArms");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_CaseKey_Id",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_CheckId_CheckRound_CaseKey",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_SampleId",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_State_CreatedAt_Id",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionTasks_Verdict_CreatedAt_Id",
                table: "ReproductionTasks");

            migrationBuilder.DropIndex(
                name: "IX_ReproductionGenerations_TaskId_ArmIndex_Index",
                table: "ReproductionGenerations");

            migrationBuilder.DropColumn(
                name: "CaseKey",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "CheckId",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "CheckRound",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Comment",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "P0",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "P1",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "QuestionPreview",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "SampleId",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Severity",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "StopsEarly",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "Verdict",
                table: "ReproductionTasks");

            migrationBuilder.DropColumn(
                name: "ArmIndex",
                table: "ReproductionGenerations");

            migrationBuilder.DropColumn(
                name: "Explanation",
                table: "ReproductionGenerations");

            migrationBuilder.DropColumn(
                name: "JudgeJson",
                table: "ReproductionGenerations");

            migrationBuilder.DropColumn(
                name: "ScoresJson",
                table: "ReproductionGenerations");

            migrationBuilder.DropColumn(
                name: "TraceJson",
                table: "ReproductionGenerations");

            migrationBuilder.AlterColumn<long>(
                name: "MessageId",
                table: "ReproductionTasks",
                type: "bigint",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "bigint",
                oldNullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Bad",
                table: "ReproductionTasks",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Graded",
                table: "ReproductionTasks",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<double>(
                name: "High",
                table: "ReproductionTasks",
                type: "double",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Low",
                table: "ReproductionTasks",
                type: "double",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ParametersJson",
                table: "ReproductionTasks",
                type: "longtext",
                nullable: false,
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<double>(
                name: "Rate",
                table: "ReproductionTasks",
                type: "double",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TargetName",
                table: "ReproductionTasks",
                type: "varchar(100)",
                maxLength: 100,
                nullable: false,
                defaultValue: "",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<int>(
                name: "TargetNumber",
                table: "ReproductionTasks",
                type: "int",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<long>(
                name: "TargetVersionId",
                table: "ReproductionTasks",
                type: "bigint",
                nullable: false,
                defaultValue: 0L);

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_State",
                table: "ReproductionTasks",
                column: "State");

            migrationBuilder.CreateIndex(
                name: "IX_ReproductionTasks_TargetVersionId",
                table: "ReproductionTasks",
                column: "TargetVersionId");

            migrationBuilder.AddForeignKey(
                name: "FK_ReproductionTasks_TargetVersions_TargetVersionId",
                table: "ReproductionTasks",
                column: "TargetVersionId",
                principalTable: "TargetVersions",
                principalColumn: "Id",
                onDelete: ReferentialAction.Restrict);
        }
    }
}
