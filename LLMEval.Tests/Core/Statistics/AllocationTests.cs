using LLMEval.Core.Statistics;

namespace LLMEval.Tests.Core.Statistics;

public sealed class AllocationTests
{
    /// <summary>One stratum takes nearly all by its spread and is full; what the others must have at least leaves less for it.</summary>
    [Fact]
    public void Allocate_FullStratumAndLeastOfOthers_GivesNoMoreThanAskedFor() =>
        Assert.Equal([98, 2, 2], Allocation.Allocate([100, 100, 100], 102, [1, 0.0001, 0.0001]));

    /// <summary>Seeded sizes and spreads: always as many as asked for or as there are, never more of one than it has, and the least of each where it reaches.</summary>
    [Fact]
    public void Allocate_AnySizesAndSpreads_AddsUp()
    {
        var random = new Random(11);
        for (var round = 0; round < 5000; round++)
        {
            var sizes = Enumerable.Range(0, random.Next(1, 7)).Select(_ => random.Next(4) == 0 ? random.Next(3) : random.Next(200)).ToList();
            var spreads = random.Next(3) == 0 ? null : sizes.Select(_ => random.Next(4) == 0 ? 0 : Math.Pow(10, random.Next(-5, 2)) * random.NextDouble()).ToList();
            var n = random.Next(sizes.Sum() + 20);

            var given = Allocation.Allocate(sizes, n, spreads);

            var least = sizes.Select(size => Math.Min(2, size)).ToList();
            Assert.Equal(Math.Min(n, sizes.Sum()), given.Sum());
            Assert.All(given.Zip(sizes), x => Assert.InRange(x.First, 0, x.Second));
            Assert.True(least.Sum() > n || given.Zip(least).All(x => x.First >= x.Second), $"{string.Join(' ', sizes)}: {n} as {string.Join(' ', given)}");
        }
    }
}
