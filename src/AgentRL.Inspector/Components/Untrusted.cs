using AgentRL.Inspector.Views;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;

namespace AgentRL.Inspector.Components;

/// <summary>Text that others wrote: encoded, what would act made visible, what is very long folded behind its beginning.</summary>
public sealed class Untrusted : ComponentBase
{
    /// <summary>Longest text shown at all; the archive keeps the whole.</summary>
    private const int Longest = 400_000;

    /// <summary>The text.</summary>
    [Parameter, EditorRequired]
    public string Value { get; set; } = "";

    /// <summary>Characters shown before the rest is folded.</summary>
    [Parameter]
    public int Fold { get; set; } = 3000;

    /// <inheritdoc/>
    protected override void BuildRenderTree(RenderTreeBuilder builder)
    {
        var end = Cut(Value, Value.Length <= Fold + Fold / 4 ? Value.Length : Fold);
        Add(builder, Value[..end]);
        if (end == Value.Length) return;
        var last = Cut(Value, Math.Min(Value.Length, Longest));
        builder.OpenElement(10, "details");
        builder.AddAttribute(11, "class", "fold");
        builder.OpenElement(12, "summary");
        builder.AddContent(13, $"… {Value.Length - end:N0} more characters");
        builder.CloseElement();
        Add(builder, Value[end..last]);
        if (last < Value.Length) builder.AddContent(14, $" [{Value.Length - last:N0} characters are left out here; agentrl inspect --json has them]");
        builder.CloseElement();
    }

    private static void Add(RenderTreeBuilder builder, string text)
    {
        foreach (var piece in VisibleText.Split(text))
        {
            if (!piece.IsMark)
            {
                builder.AddContent(0, piece.Text);
                continue;
            }
            builder.OpenElement(1, "span");
            builder.AddAttribute(2, "class", "mark");
            builder.AddContent(3, piece.Text);
            builder.CloseElement();
        }
    }

    /// <summary>Not between the halves of a surrogate pair.</summary>
    private static int Cut(string text, int at) => at > 0 && at < text.Length && char.IsSurrogatePair(text[at - 1], text[at]) ? at - 1 : at;
}
