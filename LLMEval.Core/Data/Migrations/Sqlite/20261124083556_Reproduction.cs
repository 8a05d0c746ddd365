using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.Sqlite
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
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    SetId = table.Column<long>(type: "INTEGER", nullable: false),
                    TargetId = table.Column<long>(type: "INTEGER", nullable: false),
                    IsPaused = table.Column<bool>(type: "INTEGER", nullable: false),
                    LastRound = table.Column<int>(type: "INTEGER", nullable: false),
                    LastRoundAt = table.Column<long>(type: "INTEGER", nullable: true),
                    LeftOut = table.Column<int>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedById = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false)
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
                });

            migrationBuilder.CreateTable(
                name: "ReproductionArms",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    TaskId = table.Column<long>(type: "INTEGER", nullable: false),
                    Index = table.Column<int>(type: "INTEGER", nullable: false),
                    TargetVersionId = table.Column<long>(type: "INTEGER", nullable: false),
                    TargetName = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    TargetNumber = table.Column<int>(type: "INTEGER", nullable: false),
                    PlanJson = table.Column<string>(type: "TEXT", nullable: false),
                    Times = table.Column<int>(type: "INTEGER", nullable: false),
                    Bad = table.Column<int>(type: "INTEGER", nullable: false),
                    Graded = table.Column<int>(type: "INTEGER", nullable: false),
                    Rate = table.Column<double>(type: "REAL", nullable: true),
                    Low = table.Column<double>(type: "REAL", nullable: true),
                    High = table.Column<double>(type: "REAL", nullable: true),
                    Verdict = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    IsEnded = table.Column<bool>(type: "INTEGER", nullable: false),
                    EndedEarly = table.Column<bool>(type: "INTEGER", nullable: false)
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
                });

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

            migrationBuilder.AddColumn<bool>(
                name: "StopsEarly",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AlterColumn<long>(
                name: "MessageId",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: true,
                oldClrType: typeof(long),
                oldType: "INTEGER");

            migrationBuilder.AddColumn<string>(
                name: "CaseKey",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 40,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "CheckId",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<int>(
                name: "CheckRound",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Comment",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 2000,
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "P0",
                table: "ReproductionTasks",
                type: "REAL",
                nullable: false,
                defaultValue: 0.05);

            migrationBuilder.AddColumn<double>(
                name: "P1",
                table: "ReproductionTasks",
                type: "REAL",
                nullable: false,
                defaultValue: 0.3);

            migrationBuilder.AddColumn<string>(
                name: "QuestionPreview",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 200,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<long>(
                name: "SampleId",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "Severity",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "Minor");

            migrationBuilder.AddColumn<string>(
                name: "Verdict",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "Undecided");

            migrationBuilder.AddColumn<int>(
                name: "ArmIndex",
                table: "ReproductionGenerations",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<string>(
                name: "Explanation",
                table: "ReproductionGenerations",
                type: "TEXT",
                maxLength: 1000,
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "JudgeJson",
                table: "ReproductionGenerations",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ScoresJson",
                table: "ReproductionGenerations",
                type: "TEXT",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TraceJson",
                table: "ReproductionGenerations",
                type: "TEXT",
                nullable: true);

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

            migrationBuilder.RenameColumn(
                name: "StopsEarly",
                table: "ReproductionTasks",
                newName: "TargetVersionId");

            migrationBuilder.AlterColumn<long>(
                name: "MessageId",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0L,
                oldClrType: typeof(long),
                oldType: "INTEGER",
                oldNullable: true);

            migrationBuilder.AddColumn<int>(
                name: "Bad",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<int>(
                name: "Graded",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

            migrationBuilder.AddColumn<double>(
                name: "High",
                table: "ReproductionTasks",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<double>(
                name: "Low",
                table: "ReproductionTasks",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "ParametersJson",
                table: "ReproductionTasks",
                type: "TEXT",
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<double>(
                name: "Rate",
                table: "ReproductionTasks",
                type: "REAL",
                nullable: true);

            migrationBuilder.AddColumn<string>(
                name: "TargetName",
                table: "ReproductionTasks",
                type: "TEXT",
                maxLength: 100,
                nullable: false,
                defaultValue: "");

            migrationBuilder.AddColumn<int>(
                name: "TargetNumber",
                table: "ReproductionTasks",
                type: "INTEGER",
                nullable: false,
                defaultValue: 0);

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
