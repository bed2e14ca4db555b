namespace AgentRL.Tools;

/// <summary>Takes the summary out of a policy turn.</summary>
public static class SummaryParser
{
    private const string OpenTag = "<summary>";
    private const string CloseTag = "</summary>";
    private const string ThinkEnd = "</think>";

    /// <summary>
    /// The text between the tags, trimmed. Without a closing tag it is the raw text (less an opening tag); without an opening one,
    /// everything before the closing tag. A thought before the last <c>&lt;/think&gt;</c> is left out.
    /// </summary>
    public static (string Summary, bool ClosedProperly) Parse(string text)
    {
        if (text.LastIndexOf(ThinkEnd, StringComparison.Ordinal) is >= 0 and int think)
            text = text[(think + ThinkEnd.Length)..];
        int open = text.IndexOf(OpenTag, StringComparison.Ordinal);
        int start = open < 0 ? 0 : open + OpenTag.Length;
        int close = text.IndexOf(CloseTag, start, StringComparison.Ordinal);
        if (close >= 0)
            return (text[start..close].Trim(), true);
        return ((open < 0 ? text : text.Remove(open, OpenTag.Length)).Trim(), false);
    }
}
