using System.Diagnostics;
using System.Text;
using SharpServing.Ops.Strings.Re2;

namespace SharpServing.Ops.Tests;

/// <summary>What golden data do not show of regular expressions: bounds of time and memory, patterns that are cut or changed.</summary>
public sealed class Re2RegexTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("(a*)*b", false)]
    [InlineData("(a+a+)+b", false)]
    [InlineData("(a|a|a|a)*(a|a)*(.|a)*", true)]
    [InlineData("(((a?){30}){30}a{30})*", true)]
    [InlineData("(?:(?:(?:|a)*)*)*", true)]
    public void IsFullMatch_PatternThatExplodesElsewhere_IsLinear(string pattern, bool isMatch)
    {
        var watch = Stopwatch.StartNew();
        Compile(pattern).IsFullMatch(Encoding.ASCII.GetBytes(new string('a', 20_000))).ShouldBe(isMatch);
        watch.Elapsed.ShouldBeLessThan(Limit);
    }

    [Theory]
    [InlineData("(", 1_000_000, "")]
    [InlineData("(?:", 1_000_000, "")]
    [InlineData("(?:a", 100_000, ")*")]
    [InlineData("(a|", 100_000, ")")]
    [InlineData("[a-z", 100_000, "]")]
    [InlineData("\\pL", 100_000, "")]
    [InlineData("(?i)a|", 100_000, "")]
    public void Compile_LongPattern_EndsSoon(string open, int count, string close)
    {
        string pattern = new StringBuilder().Insert(0, open, count).Insert(open.Length * count, close, count).ToString();
        var watch = Stopwatch.StartNew();
        try
        {
            Compile(pattern).IsFullMatch("aaa"u8);
        }
        catch (StatusException refusal)
        {
            refusal.Status.Code.ShouldBe(StatusCode.InvalidArgument);
        }

        watch.Elapsed.ShouldBeLessThan(Limit);
    }

    [Theory]
    [InlineData("((\\pL{30}){30}\\pN{2}){1,1}")]
    [InlineData("(\\pL{1000}){1}|\\pL{1000}\\pN{1000}")]
    [InlineData("((a{1000})((b{1000})(c{1000}))(d{1000})){1}(.{1000}\\pL{200})")]
    public void Compile_LargeProgram_IsRefusedWithRe2sText(string pattern) =>
        Should.Throw<StatusException>(() => Compile(pattern)).Status.Message.ShouldEndWith("error: pattern too large - compile failed");

    [Fact]
    public void Compile_LargeProgramWithAFault_NamesTheFault() =>
        Should.Throw<StatusException>(() => Compile("\\pL{1000}\\pN{1000}(")).Status.Message.ShouldContain("error: missing ):");

    [Fact]
    public void Compile_CutOrChanged_IsTakenOrRefused()
    {
        byte[] pattern = Encoding.UTF8.GetBytes("(?i:^a{2,3}?[^\\d[:alpha:]\\p{Greek}-é])|(?P<né>\\x{1F600}\\Q.*\\E$|\\B\\C+?)*?(?-s).{0,}\\101\\z");
        var random = new System.Random(1);
        var groups = new int[2];
        for (int i = 0; i < 20_000; i++)
        {
            byte[] changed = i < pattern.Length ? pattern[..i] : (byte[])pattern.Clone();
            for (int n = i < pattern.Length ? 0 : random.Next(1, 4); n > 0; n--)
            {
                changed[random.Next(changed.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : pattern[random.Next(pattern.Length)];
            }

            try
            {
                var matcher = new Re2Matcher(Re2Regex.Compile(changed), 1, CancellationToken.None);
                if (matcher.Find("xx\u00e9A1 aab\n"u8, 0, groups))
                {
                    groups[0].ShouldBeInRange(0, groups[1]);
                }
            }
            catch (StatusException refusal)
            {
                refusal.Status.Message.ShouldStartWith("Invalid pattern: ");
            }
        }
    }

    [Fact]
    public void Find_Cancelled_Stops() =>
        Should.Throw<StatusException>(() =>
            new Re2Matcher(Re2Regex.Compile("(?s).*c"u8.ToArray()), 1, new CancellationToken(canceled: true)).Find(new byte[100_000], 0, new int[2]))
            .Status.Code.ShouldBe(StatusCode.Cancelled);

    private static Re2Matcher Compile(string pattern) => new(Re2Regex.Compile(Encoding.UTF8.GetBytes(pattern)), 0, CancellationToken.None);
}
