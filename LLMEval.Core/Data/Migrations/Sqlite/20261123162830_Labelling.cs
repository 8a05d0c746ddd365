using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Labelling : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<string>(
                name: "Scale",
                table: "Labels",
                type: "TEXT",
                maxLength: 20,
                nullable: false,
                defaultValue: "ZeroToTen");

            migrationBuilder.AddColumn<bool>(
                name: "IsUndo",
                table: "LabelRevisions",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "IsUndone",
                table: "LabelRevisions",
                type: "INTEGER",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "ExternalAnnotators",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 128, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExternalAnnotators", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LabelIssues",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Shortcut = table.Column<string>(type: "TEXT", maxLength: 1, nullable: true),
                    Position = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelIssues", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LabelQueues",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Name = table.Column<string>(type: "TEXT", maxLength: 100, nullable: false),
                    Instructions = table.Column<string>(type: "TEXT", nullable: true),
                    Rule = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Consensus = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Seed = table.Column<int>(type: "INTEGER", nullable: false),
                    ItemCount = table.Column<int>(type: "INTEGER", nullable: false),
                    Overlap = table.Column<int>(type: "INTEGER", nullable: false),
                    IsBlind = table.Column<bool>(type: "INTEGER", nullable: false),
                    Origin = table.Column<string>(type: "TEXT", maxLength: 4000, nullable: true),
                    IsClosed = table.Column<bool>(type: "INTEGER", nullable: false),
                    CreatedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedById = table.Column<long>(type: "INTEGER", nullable: false),
                    CreatedByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelQueues", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "LabelSchemes",
                columns: table => new
                {
                    BizCode = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Scale = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    UpdatedAt = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelSchemes", x => x.BizCode);
                });

            migrationBuilder.CreateTable(
                name: "MessageVerdicts",
                columns: table => new
                {
                    MessageId = table.Column<long>(type: "INTEGER", nullable: false),
                    SessionId = table.Column<long>(type: "INTEGER", nullable: false),
                    BizCode = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    GoodCount = table.Column<int>(type: "INTEGER", nullable: false),
                    BadCount = table.Column<int>(type: "INTEGER", nullable: false),
                    Verdict = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    Source = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    Confidence = table.Column<double>(type: "REAL", nullable: true),
                    IsDisputed = table.Column<bool>(type: "INTEGER", nullable: false),
                    ChangedAt = table.Column<long>(type: "INTEGER", nullable: false),
                    SettledScore = table.Column<double>(type: "REAL", nullable: true),
                    SettledScale = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    SettledGroundTruth = table.Column<string>(type: "TEXT", nullable: true),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 20, nullable: true),
                    SettledComment = table.Column<string>(type: "TEXT", nullable: true),
                    SettledById = table.Column<long>(type: "INTEGER", nullable: true),
                    SettledByName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    SettledAt = table.Column<long>(type: "INTEGER", nullable: true),
                    SettledVersion = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_MessageVerdicts", x => x.MessageId);
                    table.ForeignKey(
                        name: "FK_MessageVerdicts_Messages_MessageId",
                        column: x => x.MessageId,
                        principalTable: "Messages",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QueueAssignees",
                columns: table => new
                {
                    QueueId = table.Column<long>(type: "INTEGER", nullable: false),
                    UserId = table.Column<long>(type: "INTEGER", nullable: false),
                    UserName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QueueAssignees", x => new { x.QueueId, x.UserId });
                    table.ForeignKey(
                        name: "FK_QueueAssignees_LabelQueues_QueueId",
                        column: x => x.QueueId,
                        principalTable: "LabelQueues",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QueueItems",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    QueueId = table.Column<long>(type: "INTEGER", nullable: false),
                    MessageId = table.Column<long>(type: "INTEGER", nullable: false),
                    BizCode = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Position = table.Column<int>(type: "INTEGER", nullable: false),
                    Stratum = table.Column<string>(type: "TEXT", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QueueItems", x => x.Id);
                    table.ForeignKey(
                        name: "FK_QueueItems_LabelQueues_QueueId",
                        column: x => x.QueueId,
                        principalTable: "LabelQueues",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                    table.ForeignKey(
                        name: "FK_QueueItems_Messages_MessageId",
                        column: x => x.MessageId,
                        principalTable: "Messages",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QueueScopes",
                columns: table => new
                {
                    QueueId = table.Column<long>(type: "INTEGER", nullable: false),
                    BizCode = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QueueScopes", x => new { x.QueueId, x.BizCode });
                    table.ForeignKey(
                        name: "FK_QueueScopes_LabelQueues_QueueId",
                        column: x => x.QueueId,
                        principalTable: "LabelQueues",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QueueSkips",
                columns: table => new
                {
                    ItemId = table.Column<long>(type: "INTEGER", nullable: false),
                    AnnotatorId = table.Column<long>(type: "INTEGER", nullable: false),
                    QueueId = table.Column<long>(type: "INTEGER", nullable: false),
                    AnnotatorName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: false),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 500, nullable: true),
                    At = table.Column<long>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QueueSkips", x => new { x.ItemId, x.AnnotatorId });
                    table.ForeignKey(
                        name: "FK_QueueSkips_QueueItems_ItemId",
                        column: x => x.ItemId,
                        principalTable: "QueueItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "QueueSlots",
                columns: table => new
                {
                    Id = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    QueueId = table.Column<long>(type: "INTEGER", nullable: false),
                    ItemId = table.Column<long>(type: "INTEGER", nullable: false),
                    MessageId = table.Column<long>(type: "INTEGER", nullable: false),
                    BizCode = table.Column<string>(type: "TEXT", maxLength: 64, nullable: false),
                    Place = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<string>(type: "TEXT", maxLength: 20, nullable: false),
                    AnnotatorId = table.Column<long>(type: "INTEGER", nullable: true),
                    AnnotatorName = table.Column<string>(type: "TEXT", maxLength: 256, nullable: true),
                    ReservedUntil = table.Column<long>(type: "INTEGER", nullable: true),
                    DoneAt = table.Column<long>(type: "INTEGER", nullable: true),
                    SpentMs = table.Column<int>(type: "INTEGER", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_QueueSlots", x => x.Id);
                    table.ForeignKey(
                        name: "FK_QueueSlots_QueueItems_ItemId",
                        column: x => x.ItemId,
                        principalTable: "QueueItems",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ExternalAnnotators_Name",
                table: "ExternalAnnotators",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_LabelIssues_Name",
                table: "LabelIssues",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_LabelQueues_IsClosed_Id",
                table: "LabelQueues",
                columns: new[] { "IsClosed", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_LabelQueues_Name",
                table: "LabelQueues",
                column: "Name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_MessageVerdicts_IsDisputed_ChangedAt_MessageId",
                table: "MessageVerdicts",
                columns: new[] { "IsDisputed", "ChangedAt", "MessageId" });

            migrationBuilder.CreateIndex(
                name: "IX_MessageVerdicts_SessionId_Verdict_IsDisputed",
                table: "MessageVerdicts",
                columns: new[] { "SessionId", "Verdict", "IsDisputed" });

            migrationBuilder.CreateIndex(
                name: "IX_MessageVerdicts_SettledAt_MessageId",
                table: "MessageVerdicts",
                columns: new[] { "SettledAt", "MessageId" });

            migrationBuilder.CreateIndex(
                name: "IX_MessageVerdicts_Verdict_SessionId",
                table: "MessageVerdicts",
                columns: new[] { "Verdict", "SessionId" });

            migrationBuilder.CreateIndex(
                name: "IX_QueueItems_MessageId",
                table: "QueueItems",
                column: "MessageId");

            migrationBuilder.CreateIndex(
                name: "IX_QueueItems_QueueId_MessageId",
                table: "QueueItems",
                columns: new[] { "QueueId", "MessageId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_QueueSkips_QueueId",
                table: "QueueSkips",
                column: "QueueId");

            migrationBuilder.CreateIndex(
                name: "IX_QueueSlots_ItemId_AnnotatorId",
                table: "QueueSlots",
                columns: new[] { "ItemId", "AnnotatorId" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_QueueSlots_MessageId_AnnotatorId",
                table: "QueueSlots",
                columns: new[] { "MessageId", "AnnotatorId" });

            migrationBuilder.CreateIndex(
                name: "IX_QueueSlots_QueueId_AnnotatorId_State_Place",
                table: "QueueSlots",
                columns: new[] { "QueueId", "AnnotatorId", "State", "Place" });

            migrationBuilder.CreateIndex(
                name: "IX_QueueSlots_QueueId_State_Place",
                table: "QueueSlots",
                columns: new[] { "QueueId", "State", "Place" });

            migrationBuilder.Sql(LabellingBackfill.Verdicts);
            migrationBuilder.Sql(LabellingBackfill.NewPermissions);
            migrationBuilder.Sql(LabellingBackfill.OnlyLabelling);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ExternalAnnotators");

            migrationBuilder.DropTable(
                name: "LabelIssues");

            migrationBuilder.DropTable(
                name: "LabelSchemes");

            migrationBuilder.DropTable(
                name: "MessageVerdicts");

            migrationBuilder.DropTable(
                name: "QueueAssignees");

            migrationBuilder.DropTable(
                name: "QueueScopes");

            migrationBuilder.DropTable(
                name: "QueueSkips");

            migrationBuilder.DropTable(
                name: "QueueSlots");

            migrationBuilder.DropTable(
                name: "QueueItems");

            migrationBuilder.DropTable(
                name: "LabelQueues");

            migrationBuilder.DropColumn(
                name: "Scale",
                table: "Labels");

            migrationBuilder.DropColumn(
                name: "IsUndo",
                table: "LabelRevisions");

            migrationBuilder.DropColumn(
                name: "IsUndone",
                table: "LabelRevisions");
        }
    }
}
