using AgentRL.Cpu.Kernels;
using AgentRL.Cpu.Models;

namespace AgentRL.Cpu.Caches;

/// <summary>
/// Keys and values of all sequences in pages of 16 positions: per layer and key/value head a block of keys and one of values. Pages are counted: sequences with a common beginning hold the same ones. A full page
/// that nobody holds stays findable by its tokens until its memory is wanted, the longest unused first. Not for several threads at once, but for
/// writing to different pages.
/// </summary>
internal sealed unsafe class PagePool : IDisposable
{
    public const int PageTokens = CacheKernels.Block;

    private readonly NativeBuffer<byte> keys, values;
    private readonly int[] references, free, older, newer;
    private readonly long[] identities;
    private readonly bool[] listed, ready;
    private readonly PrefixTable table;
    private readonly int keyHeads, layers;
    private int freed, untouched, oldest = -1, newest = -1, unheld;
    private long identity;

    public PagePool(CpuModelShape shape, CacheKernels kernels, int pages)
    {
        Pages = pages;
        (keyHeads, layers) = (shape.KeyValueHeads, shape.Layers);
        KeyBytes = kernels.KeyBytes(shape.HeadSize);
        ValueBytes = kernels.ValueBytes(shape.HeadSize);
        keys = new NativeBuffer<byte>((long)shape.Layers * pages * keyHeads * KeyBytes);
        values = new NativeBuffer<byte>((long)shape.Layers * pages * keyHeads * ValueBytes);
        (references, free, older, newer) = (new int[pages], new int[pages], new int[pages], new int[pages]);
        (identities, listed, ready) = (new long[pages], new bool[pages], new bool[pages]);
        table = new PrefixTable(pages);
    }

    public int Pages { get; }

    /// <summary>Pages that can be taken: unused ones, and those kept only for being found again.</summary>
    public int Available => freed + (Pages - untouched) + unheld;

    /// <summary>Bytes of a head's keys in a page, and from them to its keys in the next page.</summary>
    public nint KeyBytes { get; }

    public nint ValueBytes { get; }

    public static long BytesPerPage(CpuModelShape shape, CacheKernels kernels) => (long)shape.Layers * shape.KeyValueHeads * (kernels.KeyBytes(shape.HeadSize) + kernels.ValueBytes(shape.HeadSize));

    /// <summary>A head's keys in page 0 of a layer.</summary>
    public byte* Keys(int layer, int head) => keys.Pointer + ((((nint)layer * keyHeads) + head) * Pages * KeyBytes);

    public byte* Values(int layer, int head) => values.Pointer + ((((nint)layer * keyHeads) + head) * Pages * ValueBytes);

    /// <summary>Names what a page holds; never used again for anything else.</summary>
    public long Identity(int page) => identities[page];

    public bool IsReady(int page) => ready[page];

    public bool IsShared(int page) => references[page] > 1;

    public bool IsHeld(int page) => references[page] > 0;

    /// <summary>A page of one's own, with anything in it. There must be one.</summary>
    public int Take()
    {
        int page;
        if (freed > 0) page = free[--freed];
        else if (untouched < Pages) page = untouched++;
        else if ((page = oldest) >= 0)
        {
            Unlink(page);
            Unlist(page);
        }
        else throw new InvalidOperationException("no page is left: more was promised than there is");
        references[page] = 1;
        return page;
    }

    /// <summary>Holds a page that was found.</summary>
    public void Retain(int page)
    {
        if (references[page]++ == 0) Unlink(page);
    }

    public void Release(int page)
    {
        if (--references[page] > 0) return;
        if (listed[page] && ready[page])
        {
            Link(page);
            return;
        }
        Unlist(page);
        free[freed++] = page;
    }

    /// <summary>The page with these tokens after a prefix, or −1. It may not be ready yet.</summary>
    public int Find(long parent, ReadOnlySpan<int> block) => table.Find(parent, block);

    /// <summary>Announces what a page of one's own will hold.</summary>
    public void List(int page, long parent, ReadOnlySpan<int> block)
    {
        (listed[page], ready[page], identities[page]) = (true, false, ++identity);
        table.Add(page, parent, block);
    }

    /// <summary>An announced page now holds what was announced.</summary>
    public void Complete(int page) => ready[page] = true;

    /// <summary>A page no longer can be found.</summary>
    public void Unlist(int page)
    {
        if (!listed[page]) return;
        table.Remove(page);
        listed[page] = false;
    }

    /// <summary>Copies what a page holds.</summary>
    public void Copy(int from, int to)
    {
        for (var layer = 0; layer < layers; layer++)
        {
            for (var head = 0; head < keyHeads; head++)
            {
                KeysOf(layer, head, from).CopyTo(KeysOf(layer, head, to));
                ValuesOf(layer, head, from).CopyTo(ValuesOf(layer, head, to));
            }
        }
    }

    /// <summary>Zeroes a page. Needed after numbers that are not finite: what is masked counts for nothing, but 0 · NaN is NaN.</summary>
    public void Scrub(int page)
    {
        for (var layer = 0; layer < layers; layer++)
        {
            for (var head = 0; head < keyHeads; head++)
            {
                KeysOf(layer, head, page).Clear();
                ValuesOf(layer, head, page).Clear();
            }
        }
    }

    /// <summary>Forgets everything; nobody may hold a page.</summary>
    public void Forget()
    {
        while (oldest >= 0)
        {
            var page = oldest;
            Unlink(page);
            Unlist(page);
            free[freed++] = page;
        }
    }

    public void Dispose()
    {
        keys.Dispose();
        values.Dispose();
    }

    private Span<byte> KeysOf(int layer, int head, int page) => new(Keys(layer, head) + (page * KeyBytes), (int)KeyBytes);

    private Span<byte> ValuesOf(int layer, int head, int page) => new(Values(layer, head) + (page * ValueBytes), (int)ValueBytes);

    private void Link(int page)
    {
        (older[page], newer[page]) = (newest, -1);
        if (newest >= 0) newer[newest] = page;
        else oldest = page;
        newest = page;
        unheld++;
    }

    private void Unlink(int page)
    {
        if (older[page] >= 0) newer[older[page]] = newer[page];
        else oldest = newer[page];
        if (newer[page] >= 0) older[newer[page]] = older[page];
        else newest = older[page];
        unheld--;
    }
}
