using LLMEval.Core.Access;
using LLMEval.Core.Labels;
using LLMEval.Core.Preferences;
using LLMEval.Core.Reproduction;
using LLMEval.Core.Runs;
using LLMEval.Core.Samples;
using LLMEval.Core.Sampling;
using LLMEval.Core.Search;
using LLMEval.Core.Sessions;
using LLMEval.Core.Targets;
using Microsoft.AspNetCore.Identity.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore;

namespace LLMEval.Core.Data;

/// <summary>The one model for both databases; the two derived contexts exist so that each has its own migrations.</summary>
public abstract class LLMEvalDbContext(DbContextOptions options) : IdentityDbContext<User, Role, long>(options)
{
    public DbSet<UserScope> UserScopes => Set<UserScope>();
    public DbSet<RolePermission> RolePermissions => Set<RolePermission>();
    public DbSet<ApiKey> ApiKeys => Set<ApiKey>();
    public DbSet<AuditEntry> AuditEntries => Set<AuditEntry>();
    public DbSet<KeyRingEntry> KeyRing => Set<KeyRingEntry>();
    public DbSet<SavedView> SavedViews => Set<SavedView>();
    public DbSet<UserSetting> UserSettings => Set<UserSetting>();
    public DbSet<Session> Sessions => Set<Session>();
    public DbSet<SessionTag> SessionTags => Set<SessionTag>();
    public DbSet<Message> Messages => Set<Message>();
    public DbSet<Generation> Generations => Set<Generation>();
    public DbSet<MemoryPoint> MemoryPoints => Set<MemoryPoint>();
    public DbSet<MessageChange> MessageChanges => Set<MessageChange>();
    public DbSet<SearchSegment> SearchSegments => Set<SearchSegment>();
    public DbSet<SearchBlock> SearchBlocks => Set<SearchBlock>();
    public DbSet<Label> Labels => Set<Label>();
    public DbSet<LabelTag> LabelTags => Set<LabelTag>();
    public DbSet<LabelRevision> LabelRevisions => Set<LabelRevision>();
    public DbSet<MessageVerdict> MessageVerdicts => Set<MessageVerdict>();
    public DbSet<LabelScheme> LabelSchemes => Set<LabelScheme>();
    public DbSet<LabelIssue> LabelIssues => Set<LabelIssue>();
    public DbSet<ExternalAnnotator> ExternalAnnotators => Set<ExternalAnnotator>();
    public DbSet<LabelQueue> LabelQueues => Set<LabelQueue>();
    public DbSet<QueueAssignee> QueueAssignees => Set<QueueAssignee>();
    public DbSet<QueueScope> QueueScopes => Set<QueueScope>();
    public DbSet<QueueItem> QueueItems => Set<QueueItem>();
    public DbSet<QueueSlot> QueueSlots => Set<QueueSlot>();
    public DbSet<QueueSkip> QueueSkips => Set<QueueSkip>();
    public DbSet<Sample> Samples => Set<Sample>();
    public DbSet<SampleTag> SampleTags => Set<SampleTag>();
    public DbSet<SampleBand> SampleBands => Set<SampleBand>();
    public DbSet<PoolOperation> PoolOperations => Set<PoolOperation>();
    public DbSet<PoolChange> PoolChanges => Set<PoolChange>();
    public DbSet<SetTag> SetTags => Set<SetTag>();
    public DbSet<EvaluationSet> EvaluationSets => Set<EvaluationSet>();
    public DbSet<SetScope> SetScopes => Set<SetScope>();
    public DbSet<SetItem> SetItems => Set<SetItem>();
    public DbSet<SetVersion> SetVersions => Set<SetVersion>();
    public DbSet<SetVersionItem> SetVersionItems => Set<SetVersionItem>();
    public DbSet<Target> Targets => Set<Target>();
    public DbSet<TargetVersion> TargetVersions => Set<TargetVersion>();
    public DbSet<Run> Runs => Set<Run>();
    public DbSet<MetricSummary> MetricSummaries => Set<MetricSummary>();
    public DbSet<Trial> Trials => Set<Trial>();
    public DbSet<TrialScore> TrialScores => Set<TrialScore>();
    public DbSet<ReproductionTask> ReproductionTasks => Set<ReproductionTask>();
    public DbSet<ReproductionArm> ReproductionArms => Set<ReproductionArm>();
    public DbSet<ReproductionGeneration> ReproductionGenerations => Set<ReproductionGeneration>();
    public DbSet<RegressionCheck> RegressionChecks => Set<RegressionCheck>();

    protected override void OnModelCreating(ModelBuilder builder)
    {
        base.OnModelCreating(builder);
        builder.ApplyConfigurationsFromAssembly(typeof(LLMEvalDbContext).Assembly);
    }

    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder)
    {
        configurationBuilder.Properties<Enum>().HaveConversion<string>().HaveMaxLength(20);
    }
}
