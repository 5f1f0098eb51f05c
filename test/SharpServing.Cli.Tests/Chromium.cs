using System.Diagnostics;
using System.Net.WebSockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SharpServing.Cli.Tests;

/// <summary>One page in a headless chromium, driven by the DevTools protocol.</summary>
internal sealed class Chromium : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private Task<string>? _rest;
    private int _id;

    private Chromium(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    public static async Task<Chromium> OpenAsync(string url)
    {
        string profile = Directory.CreateTempSubdirectory("chromium-").FullName;
        string[] arguments =
        [
            "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--disable-background-networking",
            "--disable-component-update", "--disable-sync", "--no-first-run", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
        ];
        Process process = Process.Start(new ProcessStartInfo(FindProgram(), arguments) { UseShellExecute = false, RedirectStandardError = true })!;
        var browser = new Chromium(process, profile);
        const string Announcement = "DevTools listening on ws://";
        string? line;
        do
        {
            line = await process.StandardError.ReadLineAsync().WaitAsync(Patience) ?? throw new InvalidOperationException("chromium did not start");
        }
        while (!line.StartsWith(Announcement, StringComparison.Ordinal));

        // Read on, or a full pipe would stop the browser.
        browser._rest = process.StandardError.ReadToEndAsync();
        string address = line[Announcement.Length..line.IndexOf('/', Announcement.Length)];
        using var http = new HttpClient();
        using HttpResponseMessage page = await http.PutAsync(new Uri($"http://{address}/json/new?{Uri.EscapeDataString(url)}"), null);
        using JsonDocument target = JsonDocument.Parse(await page.Content.ReadAsStringAsync());
        await browser._socket.ConnectAsync(new Uri(target.RootElement.GetProperty("webSocketDebuggerUrl").GetString()!), CancellationToken.None);
        await browser.UntilAsync("document.readyState === 'complete' && location.href !== 'about:blank'");
        return browser;
    }

    /// <summary>Value of a JavaScript expression, as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        JsonNode answer = await CallAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        return answer["result"]?["value"]?.ToString() ?? answer["result"]?["description"]?.ToString() ?? "";
    }

    /// <summary>Asks again until an expression is true.</summary>
    public async Task UntilAsync(string expression)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (await EvaluateAsync($"Boolean({expression})") != "true")
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
            {
                throw new TimeoutException($"never true: {expression}; page: {await EvaluateAsync("document.body.innerText")}");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        }
    }

    /// <summary>Chooses a file in an input, as a person does.</summary>
    public async Task ChooseFileAsync(string selector, string path)
    {
        JsonNode document = await CallAsync("DOM.getDocument", new JsonObject());
        JsonNode node = await CallAsync(
            "DOM.querySelector", new JsonObject { ["nodeId"] = document["root"]!["nodeId"]!.GetValue<int>(), ["selector"] = selector });
        await CallAsync("DOM.setFileInputFiles", new JsonObject { ["nodeId"] = node["nodeId"]!.GetValue<int>(), ["files"] = new JsonArray(path) });
    }

    /// <summary>Mouse events at places of an element given as fractions of its size: down at the first, moves, up at the last.</summary>
    public async Task DragAsync(string selector, params (double X, double Y)[] places)
    {
        string[] box = (await EvaluateAsync(
            $"(e => {{ e.scrollIntoView(); const b = e.getBoundingClientRect(); return [b.left, b.top, b.width, b.height].join(' ') }})(document.querySelector('{selector}'))"))
            .Split(' ');
        double[] numbers = [.. box.Select(text => double.Parse(text, System.Globalization.CultureInfo.InvariantCulture))];
        for (int i = 0; i < places.Length; i++)
        {
            string type = i == 0 ? "mousePressed" : i == places.Length - 1 ? "mouseReleased" : "mouseMoved";
            await CallAsync("Input.dispatchMouseEvent", new JsonObject
            {
                ["type"] = type,
                ["x"] = numbers[0] + (numbers[2] * places[i].X),
                ["y"] = numbers[1] + (numbers[3] * places[i].Y),
                ["button"] = "left",
                ["buttons"] = 1,
                ["clickCount"] = 1,
            });
        }
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        if (_rest is not null)
        {
            await _rest;
        }

        _process.Dispose();
        try
        {
            Directory.Delete(_profile, recursive: true);
        }
        catch (IOException)
        {
            // A helper process of the browser still writes its profile; the folder is a temporary one.
        }
    }

    private static string FindProgram() =>
        Array.Find(["/usr/bin/chromium", "/usr/bin/chromium-browser"], File.Exists)
        ?? throw new InvalidOperationException("chromium is not installed; eng/test installs Debian's when it runs as root.");

    private async Task<JsonNode> CallAsync(string method, JsonObject parameters)
    {
        int id = ++_id;
        byte[] request = JsonSerializer.SerializeToUtf8Bytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters });
        await _socket.SendAsync(request, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        while (true)
        {
            using var message = new MemoryStream();
            byte[] buffer = new byte[64 << 10];
            ValueWebSocketReceiveResult received;
            do
            {
                received = await _socket.ReceiveAsync(buffer.AsMemory(), CancellationToken.None).AsTask().WaitAsync(Patience);
                await message.WriteAsync(buffer.AsMemory(0, received.Count), CancellationToken.None);
            }
            while (!received.EndOfMessage);

            JsonNode answer = JsonNode.Parse(message.ToArray())!;
            if (answer["id"]?.GetValue<int>() == id)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer["error"]}");
            }
        }
    }
}
