namespace SharpServing.Serving.Tests;

public class VersionNameTests
{
    // confirmed.md: 4.2 version names.
    [Theory]
    [InlineData("1", 1)]
    [InlineData("+5", 5)]
    [InlineData(" 6", 6)]
    [InlineData("7 ", 7)]
    [InlineData("00017", 17)]
    [InlineData("-3", -3)]
    [InlineData("0", 0)]
    [InlineData("00", 0)]
    [InlineData("20170111173521", 20170111173521)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void TryParse_Version_IsRead(string name, long version)
    {
        VersionName.TryParse(name, out long read).ShouldBeTrue();
        read.ShouldBe(version);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("+")]
    [InlineData("-")]
    [InlineData("--1")]
    [InlineData("0x10")]
    [InlineData("1e3")]
    [InlineData("12a")]
    [InlineData("1.0")]
    [InlineData("1 2")]
    [InlineData(".tmp")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("99999999999999999999999")]
    public void TryParse_OtherName_IsNoVersion(string name) => VersionName.TryParse(name, out _).ShouldBeFalse();
}
