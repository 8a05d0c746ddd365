using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace LLMEval.Core.Search;

/// <summary>A part of the search index: some messages, never changed once written. A message that changes is put into a newer segment as well; what the old one says of it no longer holds and is found out when the message is looked at.</summary>
public sealed class SearchSegment
{
    public long Id { get; set; }
    public int MessageCount { get; set; }

    /// <summary>How many terms its messages have in all: what it costs to build.</summary>
    public int TermCount { get; set; }

    /// <summary>Of a term's mixed 32 bits the uppermost so many are the number of its block.</summary>
    public int BlockBits { get; set; }

    /// <summary>Between them lie the times of all its messages, as they were when it was written; a message whose time changes is put into a newer segment.</summary>
    public DateTime MinSentAt { get; set; }
    public DateTime MaxSentAt { get; set; }

    /// <summary>The ids, ascending, as runs: varints of (gap before, length). A message's place in this order is its position in the blocks.</summary>
    public byte[] MessageIds { get; set; } = [];
}

/// <summary>The terms of a segment whose mixed bits begin alike, each with the positions of its messages; layout in <see cref="Postings"/>.</summary>
public sealed class SearchBlock
{
    /// <summary>The segment's id times 65,536 plus the block's number: one key, so that any blocks of any segments are one IN, and a segment is written at the end of the table.</summary>
    public long Id { get; set; }
    public byte[] Data { get; set; } = [];

    public static long IdOf(long segmentId, int block) => (segmentId << 16) | (uint)block;
}

internal sealed class SearchSegmentConfiguration : IEntityTypeConfiguration<SearchSegment>, IEntityTypeConfiguration<SearchBlock>
{
    public void Configure(EntityTypeBuilder<SearchSegment> builder) => builder.HasKey(s => s.Id);

    public void Configure(EntityTypeBuilder<SearchBlock> builder) => builder.Property(b => b.Id).ValueGeneratedNever();
}
