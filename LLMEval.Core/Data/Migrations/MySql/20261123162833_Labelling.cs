using System;
using Microsoft.EntityFrameworkCore.Metadata;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace LLMEval.Core.Data.Migrations.MySql
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
                type: "varchar(20)",
                maxLength: 20,
                nullable: false,
                defaultValue: "ZeroToTen",
                collation: "utf8mb4_bin");

            migrationBuilder.AddColumn<bool>(
                name: "IsUndo",
                table: "LabelRevisions",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "IsUndone",
                table: "LabelRevisions",
                type: "tinyint(1)",
                nullable: false,
                defaultValue: false);

            migrationBuilder.CreateTable(
                name: "ExternalAnnotators",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    Name = table.Column<string>(type: "varchar(128)", maxLength: 128, nullable: false, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ExternalAnnotators", x => x.Id);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "LabelIssues",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    Name = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Shortcut = table.Column<string>(type: "varchar(1)", maxLength: 1, nullable: true, collation: "utf8mb4_bin"),
                    Position = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelIssues", x => x.Id);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "LabelQueues",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    Name = table.Column<string>(type: "varchar(100)", maxLength: 100, nullable: false, collation: "utf8mb4_bin"),
                    Instructions = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin"),
                    Rule = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    Consensus = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    Seed = table.Column<int>(type: "int", nullable: false),
                    ItemCount = table.Column<int>(type: "int", nullable: false),
                    Overlap = table.Column<int>(type: "int", nullable: false),
                    IsBlind = table.Column<bool>(type: "tinyint(1)", nullable: false),
                    Origin = table.Column<string>(type: "varchar(4000)", maxLength: 4000, nullable: true, collation: "utf8mb4_bin"),
                    IsClosed = table.Column<bool>(type: "tinyint(1)", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "datetime(6)", nullable: false),
                    CreatedById = table.Column<long>(type: "bigint", nullable: false),
                    CreatedByName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: false, collation: "utf8mb4_bin")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelQueues", x => x.Id);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "LabelSchemes",
                columns: table => new
                {
                    BizCode = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Scale = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    UpdatedAt = table.Column<DateTime>(type: "datetime(6)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_LabelSchemes", x => x.BizCode);
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "MessageVerdicts",
                columns: table => new
                {
                    MessageId = table.Column<long>(type: "bigint", nullable: false),
                    SessionId = table.Column<long>(type: "bigint", nullable: false),
                    BizCode = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    GoodCount = table.Column<int>(type: "int", nullable: false),
                    BadCount = table.Column<int>(type: "int", nullable: false),
                    Verdict = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: true, collation: "utf8mb4_bin"),
                    Source = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    Confidence = table.Column<double>(type: "double", nullable: true),
                    IsDisputed = table.Column<bool>(type: "tinyint(1)", nullable: false),
                    ChangedAt = table.Column<DateTime>(type: "datetime(6)", nullable: false),
                    SettledScore = table.Column<double>(type: "double", nullable: true),
                    SettledScale = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: true, collation: "utf8mb4_bin"),
                    SettledGroundTruth = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin"),
                    Reason = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: true, collation: "utf8mb4_bin"),
                    SettledComment = table.Column<string>(type: "longtext", nullable: true, collation: "utf8mb4_bin"),
                    SettledById = table.Column<long>(type: "bigint", nullable: true),
                    SettledByName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: true, collation: "utf8mb4_bin"),
                    SettledAt = table.Column<DateTime>(type: "datetime(6)", nullable: true),
                    SettledVersion = table.Column<int>(type: "int", nullable: false)
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "QueueAssignees",
                columns: table => new
                {
                    QueueId = table.Column<long>(type: "bigint", nullable: false),
                    UserId = table.Column<long>(type: "bigint", nullable: false),
                    UserName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: false, collation: "utf8mb4_bin")
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "QueueItems",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    QueueId = table.Column<long>(type: "bigint", nullable: false),
                    MessageId = table.Column<long>(type: "bigint", nullable: false),
                    BizCode = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Position = table.Column<int>(type: "int", nullable: false),
                    Stratum = table.Column<string>(type: "varchar(200)", maxLength: 200, nullable: true, collation: "utf8mb4_bin")
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "QueueScopes",
                columns: table => new
                {
                    QueueId = table.Column<long>(type: "bigint", nullable: false),
                    BizCode = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin")
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "QueueSkips",
                columns: table => new
                {
                    ItemId = table.Column<long>(type: "bigint", nullable: false),
                    AnnotatorId = table.Column<long>(type: "bigint", nullable: false),
                    QueueId = table.Column<long>(type: "bigint", nullable: false),
                    AnnotatorName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: false, collation: "utf8mb4_bin"),
                    Reason = table.Column<string>(type: "varchar(500)", maxLength: 500, nullable: true, collation: "utf8mb4_bin"),
                    At = table.Column<DateTime>(type: "datetime(6)", nullable: false)
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

            migrationBuilder.CreateTable(
                name: "QueueSlots",
                columns: table => new
                {
                    Id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("MySql:ValueGenerationStrategy", MySqlValueGenerationStrategy.IdentityColumn),
                    QueueId = table.Column<long>(type: "bigint", nullable: false),
                    ItemId = table.Column<long>(type: "bigint", nullable: false),
                    MessageId = table.Column<long>(type: "bigint", nullable: false),
                    BizCode = table.Column<string>(type: "varchar(64)", maxLength: 64, nullable: false, collation: "utf8mb4_bin"),
                    Place = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<string>(type: "varchar(20)", maxLength: 20, nullable: false, collation: "utf8mb4_bin"),
                    AnnotatorId = table.Column<long>(type: "bigint", nullable: true),
                    AnnotatorName = table.Column<string>(type: "varchar(256)", maxLength: 256, nullable: true, collation: "utf8mb4_bin"),
                    ReservedUntil = table.Column<DateTime>(type: "datetime(6)", nullable: true),
                    DoneAt = table.Column<DateTime>(type: "datetime(6)", nullable: true),
                    SpentMs = table.Column<int>(type: "int", nullable: true)
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
                })
                .Annotation("Relational:Collation", "utf8mb4_bin");

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
