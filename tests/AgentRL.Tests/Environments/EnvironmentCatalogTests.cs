using System.Text.Json.Nodes;
using AgentRL.Environments;
using AgentRL.Tests.Fakes;

namespace AgentRL.Tests.Environments;

public class EnvironmentCatalogTests
{
    private static readonly EnvironmentCatalog Catalog = new([new NamedTasks("b"), new NamedTasks("a"), new NamedTasks("eval")]);

    [Theory]
    [InlineData("toy/a#17", "toy/a|Train|17|Compact|2")]
    [InlineData("toy/a/train#0", "toy/a|Train|0|Compact|2")]
    [InlineData("toy/a/eval#17", "toy/a|Eval|17|Compact|2")]
    [InlineData("toy/b/long#3", "toy/b|Long|3|Compact|2")]
    [InlineData("toy/eval#3", "toy/eval|Train|3|Compact|2")] // a name, not a split
    [InlineData("toy/eval/eval#3", "toy/eval|Eval|3|Compact|2")]
    [InlineData("toy/a@{\"text\":\"x\"}", "x")]
    [InlineData("toy/a@{\"text\":\"x@y#7\"}", "x@y#7")]
    [InlineData("toy/a@{}", "none")]
    public void A_task_id_names_one_instance(string id, string text) => Assert.Equal(text, Catalog.Create(id).TaskText);

    [Theory]
    [InlineData("")]
    [InlineData("toy/a")]
    [InlineData("toy/a#")]
    [InlineData("toy/a#x")]
    [InlineData("toy/a#-1")]
    [InlineData("toy/a#+1")]
    [InlineData("toy/a# 1")]
    [InlineData("toy/a#99999999999")]
    [InlineData("toy/nope#1")]
    [InlineData("toy/a/test#1")]
    [InlineData("toy/a/1#1")] // the number of a split is not its name
    [InlineData("toy/a/7#1")]
    [InlineData("toy/nope@{}")]
    [InlineData("toy/a@")]
    [InlineData("toy/a@[]")]
    [InlineData("toy/a@null")]
    [InlineData("toy/a@{\"text\":")]
    [InlineData("toy/a@{\"text\":\"x\",\"text\":\"y\"}")]
    public void What_is_no_task_id_is_refused_by_name(string id)
    {
        var refusal = Assert.Throws<TaskIdException>(() => Catalog.Create(id));
        Assert.Contains($"'{id}'", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_name_is_answered_with_the_known_ones() =>
        Assert.Contains("toy/a, toy/b, toy/eval", Assert.Throws<TaskIdException>(() => Catalog.Create("toy/x#1")).Message, StringComparison.Ordinal);

    [Fact]
    public void The_canonical_id_does_not_depend_on_the_order_of_parameters()
    {
        var id = EnvironmentCatalog.CanonicalId("toy/a", new JsonObject { ["b"] = 2, ["a"] = 1, ["B"] = "x" });
        Assert.Equal("toy/a@{\"B\":\"x\",\"a\":1,\"b\":2}", id);
        Assert.Equal(id, EnvironmentCatalog.CanonicalId("toy/a", new JsonObject { ["B"] = "x", ["a"] = 1, ["b"] = 2 }));
    }

    [Fact]
    public void The_canonical_id_of_a_drawn_task_makes_the_same_task_again()
    {
        var drawn = Catalog.Create("toy/b/eval#12");
        Assert.Equal((drawn.TaskId, drawn.TaskText), (Catalog.Create(drawn.TaskId).TaskId, Catalog.Create(drawn.TaskId).TaskText));
    }

    [Fact]
    public void Environments_are_listed_by_name_and_found_exactly()
    {
        Assert.Equal(["toy/a", "toy/b", "toy/eval"], Catalog.All.Select(d => d.Name));
        Assert.NotNull(Catalog.Find("toy/a"));
        Assert.Null(Catalog.Find("TOY/A"));
    }
}
