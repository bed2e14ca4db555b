using AgentRL.Cpu.Caches;
using AgentRL.Rollouts;

namespace AgentRL.Cpu.Generation;

/// <summary>
/// Who holds which pages. A request is let in when the most pages it can come to need are there, so that what has begun never lacks memory; until
/// then it waits, and idle sequences give up theirs, the longest unused first.
/// </summary>
internal sealed class SequenceMemory(PagePool pool, bool sharePrefixes)
{
    private const int PageTokens = PagePool.PageTokens;
    private readonly Dictionary<long, CpuSequence> sequences = [];
    private int promised;
    private long clock;

    public CpuSequence? Find(long id) => sequences.GetValueOrDefault(id);

    /// <summary>Begins a request, or says that it must wait.</summary>
    /// <param name="request">The request; its sequence has none at work.</param>
    /// <param name="longest">Most tokens it can come to.</param>
    public CpuSequence? TryBegin(GenerationRequest request, int longest)
    {
        if (!sequences.TryGetValue(request.SequenceId, out var sequence)) sequence = new CpuSequence(request.SequenceId);
        sequence.LastUsed = ++clock;
        CutBack(sequence, request.Context.Span);
        // The last token drawn is not read.
        var pages = PagesOf(longest - 1);
        while (true)
        {
            var (adopted, held) = Adoptable(sequence, request.Context.Span);
            var copies = sequence.Cached % PageTokens != 0 && pool.IsShared(sequence.Pages[sequence.PageCount - 1]) ? 1 : 0;
            if (pages - sequence.PageCount - held + copies <= pool.Available - promised)
            {
                sequence.Begin(request, longest);
                sequences[request.SequenceId] = sequence;
                sequence.Promised = pages - sequence.PageCount + copies;
                promised += sequence.Promised;
                for (var i = 0; i < adopted; i++) Adopt(sequence);
                if (sequence.Cached % PageTokens != 0) OwnLastPage(sequence, copies > 0);
                return sequence;
            }
            if (!EvictIdle(sequence)) return null;
        }
    }

    /// <summary>Pages that a context of so many tokens takes.</summary>
    public static int PagesOf(int tokens) => (tokens + PageTokens - 1) / PageTokens;

    /// <summary>
    /// Takes over pages that others have computed. False when another sequence is at work on the next one: waiting for it costs nothing and saves computing it twice.
    /// </summary>
    public bool TryAdopt(CpuSequence sequence)
    {
        while (NextShared(sequence.Known, sequence.Cached, sequence.PrefixOf(sequence.Cached / PageTokens)) is var page and >= 0)
        {
            if (!pool.IsReady(page)) return false;
            Adopt(sequence);
        }
        return true;
    }

    /// <summary>Makes room for the next tokens to be read, and announces the pages that known ones will fill.</summary>
    public void Reserve(CpuSequence sequence, int tokens)
    {
        for (var pages = PagesOf(sequence.Cached + tokens); sequence.PageCount < pages;) Give(sequence, pool.Take());
        var known = Math.Min(sequence.Count, sequence.Cached + tokens);
        while (sharePrefixes && (sequence.Named + 1) * PageTokens <= known) Announce(sequence);
    }

    /// <summary>Tokens have been read: what they filled can be found by others.</summary>
    public void Advance(CpuSequence sequence, int tokens)
    {
        var before = sequence.Cached / PageTokens;
        sequence.Cached += tokens;
        for (var index = before; sharePrefixes && index < sequence.Cached / PageTokens; index++)
        {
            if (sequence.Named == index) Announce(sequence); // drawn meanwhile
            var page = sequence.Pages[index];
            var found = pool.Find(sequence.PrefixOf(index), sequence.Block(index));
            if (found == page)
            {
                pool.Complete(page);
            }
            else if (found >= 0 && pool.IsReady(found))
            {
                // Another sequence has computed the same numbers meanwhile: one copy is enough.
                pool.Retain(found);
                pool.Release(page);
                sequence.Pages[index] = found;
            }
        }
    }

    /// <summary>A request has ended; its sequence stays cached.</summary>
    public void Rest(CpuSequence sequence)
    {
        promised -= sequence.Promised;
        sequence.Promised = 0;
        sequence.LastUsed = ++clock;
    }

    /// <summary>Drops a sequence whose last step brought numbers that are not finite.</summary>
    public void Discard(CpuSequence sequence)
    {
        for (var i = sequence.Cached / PageTokens; i < sequence.PageCount; i++)
        {
            if (!pool.IsShared(sequence.Pages[i])) pool.Scrub(sequence.Pages[i]);
        }
        Forget(sequence);
    }

    /// <summary>Drops a sequence; its full pages can still be found.</summary>
    public void Forget(CpuSequence sequence)
    {
        Rest(sequence);
        Shrink(sequence, 0);
        sequences.Remove(sequence.Id);
    }

    /// <summary>Drops everything: it belongs to older weights.</summary>
    public void ForgetAll()
    {
        foreach (var sequence in sequences.Values.ToArray()) Forget(sequence);
        pool.Forget();
    }

    /// <summary>Keeps what a sequence's cache and a context have in common.</summary>
    private void CutBack(CpuSequence sequence, ReadOnlySpan<int> context)
    {
        sequence.Cached = sequence.CommonWith(context);
        Shrink(sequence, PagesOf(sequence.Cached));
        sequence.Named = Math.Min(sequence.Named, sequence.Cached / PageTokens);
        // Another sequence may have the whole page of which this one has a part.
        if (sequence.Cached % PageTokens == 0) return;
        var start = sequence.Cached / PageTokens * PageTokens;
        if (NextShared(context, start, sequence.PrefixOf(start / PageTokens)) is var page && page >= 0 && pool.IsReady(page))
        {
            sequence.Cached = start;
            Shrink(sequence, start / PageTokens);
        }
    }

    /// <summary>The page that holds the 16 tokens from a page's border on, or −1. At least one token of the context stays to be read.</summary>
    private int NextShared(ReadOnlySpan<int> context, int start, long prefix) =>
        sharePrefixes && start % PageTokens == 0 && start + PageTokens < context.Length ? pool.Find(prefix, context.Slice(start, PageTokens)) : -1;

    /// <summary>Pages that others have ready for a context, and how many of them somebody holds anyway.</summary>
    private (int Adopted, int Held) Adoptable(CpuSequence sequence, ReadOnlySpan<int> context)
    {
        var (adopted, held, start) = (0, 0, sequence.Cached);
        var prefix = sequence.PrefixOf(start / PageTokens);
        while (NextShared(context, start, prefix) is var page && page >= 0 && pool.IsReady(page))
        {
            adopted++;
            if (pool.IsHeld(page)) held++;
            (start, prefix) = (start + PageTokens, pool.Identity(page));
        }
        return (adopted, held);
    }

    /// <summary>Names the next page that has no name, and lets it be found unless its like can be found already.</summary>
    private void Announce(CpuSequence sequence)
    {
        var index = sequence.Named;
        var prefix = sequence.PrefixOf(index);
        var block = sequence.Block(index);
        var twin = pool.Find(prefix, block);
        if (twin < 0) pool.List(sequence.Pages[index], prefix, block);
        sequence.Name(index, pool.Identity(twin < 0 ? sequence.Pages[index] : twin));
    }

    private void Adopt(CpuSequence sequence)
    {
        var index = sequence.Cached / PageTokens;
        var page = pool.Find(sequence.PrefixOf(index), sequence.Block(index));
        pool.Retain(page);
        Give(sequence, page);
        sequence.Name(index, pool.Identity(page));
        sequence.Cached += PageTokens;
    }

    private void Give(CpuSequence sequence, int page)
    {
        sequence.Pages[sequence.PageCount++] = page;
        sequence.Promised--;
        promised--;
    }

    /// <summary>The last page is about to be written to behind its cached tokens: others must neither see it nor find it.</summary>
    private void OwnLastPage(CpuSequence sequence, bool copy)
    {
        var page = sequence.Pages[sequence.PageCount - 1];
        if (!copy)
        {
            pool.Unlist(page);
            return;
        }
        sequence.PageCount--;
        Give(sequence, pool.Take());
        pool.Copy(page, sequence.Pages[sequence.PageCount - 1]);
        pool.Release(page);
    }

    /// <summary>From the end: of what nobody holds the beginnings are the last to go.</summary>
    private void Shrink(CpuSequence sequence, int pages)
    {
        while (sequence.PageCount > pages) pool.Release(sequence.Pages[--sequence.PageCount]);
        sequence.Cached = Math.Min(sequence.Cached, pages * PageTokens);
    }

    private bool EvictIdle(CpuSequence except)
    {
        CpuSequence? idle = null;
        foreach (var s in sequences.Values)
        {
            if (s.Request is null && s != except && s.PageCount > 0 && (idle is null || s.LastUsed < idle.LastUsed)) idle = s;
        }
        if (idle is null) return false;
        Forget(idle);
        return true;
    }
}
