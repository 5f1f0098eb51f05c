using SharpServing.TestSupport;

namespace SharpServing.Cli.Tests;

/// <summary>The demo as a person meets it: the program, its page, a browser.</summary>
public sealed class DemoPageTests : IClassFixture<DemoPageFixture>
{
    private readonly Chromium _browser;

    public DemoPageTests(DemoPageFixture page) => _browser = page.Browser;

    [Theory]
    [InlineData("circle")]
    [InlineData("rectangle")]
    [InlineData("triangle")]
    [InlineData("star")]
    [InlineData("heart")]
    public async Task Picture_UploadedJpeg_IsClassified(string shape)
    {
        await ClearAsync("shapes");
        await _browser.ChooseFileAsync("#shapes-file", SharedData.PathOf("demo", "pictures", shape + ".jpg"));
        (await AnswerAsync("shapes")).ShouldBe(shape);
        (await _browser.EvaluateAsync("document.querySelectorAll('#shapes-result .bars li').length")).ShouldBe("5");
        (await _browser.EvaluateAsync("document.querySelector('#shapes-result .best .name').textContent")).ShouldBe(shape);
    }

    [Fact]
    public async Task Digit_DrawnOne_IsRead()
    {
        await _browser.DragAsync("#digits-canvas", (0.5, 0.15), (0.5, 0.3), (0.5, 0.5), (0.5, 0.7), (0.5, 0.85), (0.5, 0.85));
        (await AnswerAsync("digits")).ShouldBe("1");
        (await _browser.EvaluateAsync("document.querySelectorAll('#digits-result .bars li').length")).ShouldBe("10");
    }

    [Fact]
    public async Task Points_Clicked_AreClassified()
    {
        // golden.json of the model: (0.5, 0.5) is a circle, (0.5, -1) a rectangle.
        await _browser.DragAsync("#points-canvas", (0.75, 0.25), (0.75, 0.25));
        (await AnswerAsync("points")).ShouldBe("circle");
        await ClearAsync("points");
        await _browser.DragAsync("#points-canvas", (0.75, 0.99), (0.75, 0.99));
        (await AnswerAsync("points")).ShouldBe("rectangle");
    }

    [Fact]
    public async Task Linear_Number_IsComputed()
    {
        await _browser.EvaluateAsync("document.querySelector('#linear-form button').click()");
        (await AnswerAsync("linear")).ShouldBe("y = 4.5");
    }

    /// <summary>Takes an earlier answer away, so that the next one can be waited for.</summary>
    private Task<string> ClearAsync(string model) => _browser.EvaluateAsync($"document.querySelector('#{model}-result').replaceChildren()");

    private async Task<string> AnswerAsync(string model)
    {
        await _browser.UntilAsync($"document.querySelector('#{model}-result .answer, #{model}-result .error')");
        return await _browser.EvaluateAsync($"document.querySelector('#{model}-result').firstElementChild.textContent");
    }
}
