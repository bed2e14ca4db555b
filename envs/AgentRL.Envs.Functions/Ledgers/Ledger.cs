using System.Collections.Immutable;
using AgentRL.Environments;
using AgentRL.Randomness;

namespace AgentRL.Envs.Functions.Ledgers;

/// <summary>
/// A statement orders one transfer a page; each must be carried out once, in order, and the policy hands in the total that moved (an
/// account without the funds moves nothing). A transfer made twice cannot be undone: who has forgotten a turn must ask <c>observe()</c>.
/// </summary>
internal sealed class Ledger : FunctionEnvironment
{
    public const string AccountsName = "accounts";

    private readonly Order[] orders;
    private readonly Books start;
    private readonly Books end;
    private readonly long total;
    private Books books;

    public Ledger(FunctionInstance instance)
        : base(instance)
    {
        var random = instance.Hidden();
        var accounts = instance[AccountsName];
        start = new(instance.From, 0, [.. Enumerable.Range(0, accounts).Select(_ => (long)random.NextInt(0, 2 * instance.MaxValue))]);
        orders = [.. Enumerable.Range(0, instance.Length).Select(_ => DrawOrder(random))];
        (end, total) = (start, 0);
        foreach (var order in orders)
        {
            end = Carry(end, order);
            total += end.LastMoved;
        }
        books = start;
    }

    public override string TaskText => Instance.Text(Window,
        $"The statement has the pages {Instance.From} to {Instance.To}, both included. The accounts are numbered from 0 to {Instance[AccountsName] - 1}.");

    internal override string Content => $"{Window} {string.Join(',', start.Balances)} {string.Join(',', orders.AsEnumerable())}";

    protected override string Title => "ledger";

    protected override string Explanation => "Each page of a statement orders one transfer between two accounts. Carry out all transfers, each exactly once and in "
        + "the order of the pages, and hand in the total amount that moved. An account that holds too little moves nothing. Transfers cannot be undone.";

    protected override object? State
    {
        get => books;
        set => books = (Books)value!;
    }

    private string Window => $"{Instance.From}..{Instance.To}";

    protected override bool IsRight(long answer) => answer == total && books.NextPage == end.NextPage && books.Balances.SequenceEqual(end.Balances);

    protected override IEnumerable<EnvironmentTool> OwnTools()
    {
        yield return Tool("statement", "Reads a page: from account, to account, amount.", [Position("page")], changesState: false, arguments =>
        {
            var (from, to, amount) = orders[arguments.Integer("page") - Instance.From];
            return Say($"{from} {to} {amount}", $"The paying account is {from}, the receiving account is {to}, and the amount is {amount}.");
        });
        ToolParameter[] parameters = [Account("from_account"), Account("to_account"), Number("amount", "what to move", 1, Instance.MaxValue)];
        yield return Tool("transfer", "Moves an amount, and tells how much moved.", parameters, changesState: true, arguments =>
        {
            var order = new Order(arguments.Integer("from_account"), arguments.Integer("to_account"), arguments.Integer("amount"));
            if (order.From == order.To) return new Observation("transfer: accounts must differ", CallStatus.BadArguments);
            books = Carry(books, order);
            return Say($"{books.LastMoved}", $"The amount that moved is {books.LastMoved}.");
        });
        yield return Tool("balance", "Reads what an account holds.", [Account("account")], changesState: false, arguments =>
        {
            var account = arguments.Integer("account");
            var balance = books.Balances[(int)account];
            return Say($"{balance}", $"The balance of account {account} is {balance}.");
        });
    }

    /// <summary>First page whose order has not been carried out, and what the last transfer moved.</summary>
    protected override Observation Observe() => Say($"{books.NextPage} {books.LastMoved}",
        $"The first page that has not been carried out is {books.NextPage}, and the amount that moved last is {books.LastMoved}.");

    protected override FunctionSolver NewSolver() => new LedgerSolver(Instance);

    public static int DrawAccounts(RandomSequence random, IReadOnlyDictionary<string, int> settings) => random.NextInt(4, 8);

    private ToolParameter Account(string name) => Number(name, "an account", 0, Instance[AccountsName] - 1);

    private Order DrawOrder(RandomSequence random)
    {
        var accounts = Instance[AccountsName];
        var from = random.NextInt(0, accounts - 1);
        var to = (from + random.NextInt(1, accounts - 1)) % accounts;
        return new Order(from, to, random.NextInt(1, Instance.MaxValue));
    }

    private Books Carry(Books before, Order order)
    {
        var moved = before.Balances[(int)order.From] >= order.Amount ? order.Amount : 0;
        var balances = before.Balances.ToBuilder();
        balances[(int)order.From] -= moved;
        balances[(int)order.To] += moved;
        var ordered = before.NextPage <= Instance.To && orders[before.NextPage - Instance.From] == order;
        return new Books(before.NextPage + (ordered ? 1 : 0), moved, balances.ToImmutable());
    }

    private readonly record struct Order(long From, long To, long Amount);

    private sealed record Books(int NextPage, long LastMoved, ImmutableArray<long> Balances);
}
