using System.Globalization;
using System.Text;
using SharpServing.Server.Tests.Support;
using SharpServing.Server.Tests.Transcripts;

namespace SharpServing.Server.Tests.Rest;

/// <summary>
/// Bodies that parsers stumble over, sent to the program that was built. Answers follow RapidJSON's rules: the first of two equal names
/// counts, what follows the value is not read, UTF-8 is not checked, nothing is too deep; recorded bodies of each kind are in the transcripts.
/// </summary>
public sealed class JsonCorpusTests : IClassFixture<TranscriptServer>
{
    private const string Float = "/v1/models/sig_x_float:predict";
    private const string Echo = "/v1/models/echo:predict";
    private const string Good = """{"instances": [1.5, -2.0e1, 0.25]}""";
    private const int Mutations = 3000;

    private readonly TranscriptServer _server;

    public JsonCorpusTests(TranscriptServer server) => _server = server;

    public static TheoryData<string, string, string> Bodies => new()
    {
        // Equal names.
        { Float, """{"instances": [1.0], "instances": [2.0, 3.0]}""", Predictions("1.0") },
        { Float, """{"signature_name": "nosuch", "signature_name": "serving_default", "instances": [1.0]}""", Error("Serving signature name: \\\"nosuch\\\" not found in signature def") },

        // What follows the value; a byte order mark.
        { Float, """{"instances": [1.0]} and more { [ " """, Predictions("1.0") },
        { Float, "\uFEFF" + """{"instances": [1.0]}""", Predictions("1.0") },

        // Numbers.
        { Float, """{"instances": [1e400]}""", ParseError("Number too big to be stored in double.", 15) },
        { Float, """{"instances": [-1e-400]}""", Predictions("-0.0") },
        { Float, $$"""{"instances": [{{new string('0', 3)}}1]}""", ParseError("Missing a comma or ']' after an array element.", 16) },
        { Float, $$"""{"instances": [0.{{new string('0', 5000)}}1]}""", Predictions("0.0") },
        { Float, """{"instances": [1.]}""", ParseError("Miss fraction part in number.", 17) },
        { Float, """{"instances": [1e+]}""", ParseError("Miss exponent in number.", 18) },
        { Float, """{"instances": [+1]}""", ParseError("Invalid value.", 15) },

        // Surrogates and escapes.
        { Echo, Text("\\ud83d\\ude00"), Predictions("\"😀\"") },
        { Echo, Text("\\ud83d"), ParseError("The surrogate pair in string is invalid.", 47) },
        { Echo, Text("\\ud83dx"), ParseError("The surrogate pair in string is invalid.", 47) },
        { Echo, Text("\\u12"), ParseError("Incorrect hex digit after \\\\u escape in string.", 47) },
        { Echo, Text("\\x41"), ParseError("Invalid escape character in string.", 47) },

        // Not JSON.
        { Float, "", Error("JSON Parse error: The document is empty", whole: true) },
        { Float, " \n ", ParseError("The document is empty.", 3) },
        { Float, "{'instances': [1.0]}", ParseError("Missing a name for object member.", 1) },
        { Float, """{"instances" [1.0]}""", ParseError("Missing a colon after a name of object member.", 13) },
        { Float, """{"instances": [1.0,]}""", ParseError("Invalid value.", 19) },
        { Float, """{"instances": tru}""", ParseError("Invalid value.", 17) },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public async Task Body_Odd_AnsweredByTheRules(string target, string body, string answer)
    {
        RawHttpAnswer got = await PostAsync(target, Encoding.UTF8.GetBytes(body));

        got.Status.ShouldBe(answer.Contains("\"error\"", StringComparison.Ordinal) ? 400 : 200, got.Text);
        got.Text.ShouldStartWith(answer);
    }

    [Fact]
    public async Task Strings_NoUtf8_AreEchoedAsTheyAre()
    {
        // A low surrogate alone is written as three bytes, which are no UTF-8 either.
        byte[] body = [.. Encoding.UTF8.GetBytes("""{"signature_name": "id_string", "instances": [" """), 0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80, .. "\\ude00\"]}"u8];

        RawHttpAnswer got = await PostAsync(Echo, body);

        got.Status.ShouldBe(200, got.Text);
        got.Body.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80, 0xED, 0xB8, 0x80]).ShouldBePositive();
    }

    [Theory]
    [InlineData('[')]
    [InlineData('{')]
    public async Task Nesting_Deep_IsNoMatter(char kind)
    {
        const int Depth = 100_000;
        string open = kind == '[' ? "[" : "{\"a\":";
        string head = """{"instances": """ + string.Concat(Enumerable.Repeat(open, Depth));
        string tail = new string(kind == '[' ? ']' : '}', Depth) + "}";

        RawHttpAnswer cut = await PostAsync(Float, Encoding.UTF8.GetBytes(head));
        RawHttpAnswer whole = await PostAsync(Float, Encoding.UTF8.GetBytes(head + "1.0" + tail));

        cut.Text.ShouldBe(ParseError("Invalid value.", head.Length));
        whole.Status.ShouldBe(400);
        whole.Text.ShouldStartWith("{\n    \"error\": \"");
        await StillServesAsync();
    }

    [Fact]
    public async Task Body_CutAnywhere_IsAParseError()
    {
        string[] bodies = [Good, Text("a\\u00e9b"), """{"signature_name": "id_bool", "inputs": [true, false, null, -1.5e-3, {"b64": "YQ=="}]}"""];
        foreach (string body in bodies)
        {
            for (int length = 1; length < body.Length; length++)
            {
                RawHttpAnswer got = await PostAsync(Echo, Encoding.UTF8.GetBytes(body[..length]));
                got.Status.ShouldBe(400, body[..length]);
                got.Text.ShouldStartWith("{\n    \"error\": \"JSON Parse error: ", customMessage: body[..length]);
            }
        }

        await StillServesAsync();
    }

    [Fact]
    public async Task Body_Mutated_IsAnsweredAndTheServerGoesOn()
    {
        string[] bodies = [Good, Text("a\\u00e9b"), """{"signature_name": "id_int64", "inputs": [1, 9223372036854775807, -0]}""", """{"instances": [{"b64": "YWJj"}]}"""];
        int answered = 0;
        await Parallel.ForAsync(0, 8, async (lane, _) =>
        {
            var random = new Random(lane);
            for (int i = 0; i < Mutations / 8; i++)
            {
                RawHttpAnswer got = await PostAsync(i % 2 == 0 ? Echo : Float, Mutate(bodies[i % bodies.Length], random));
                new[] { 200, 400, 501 }.ShouldContain(got.Status, got.Text);
                got.Text.ShouldStartWith("{\n    \"");
                Interlocked.Increment(ref answered);
            }
        });

        answered.ShouldBe(Mutations / 8 * 8);
        await StillServesAsync();
    }

    private static string Text(string content) => $$"""{"signature_name": "id_string", "instances": ["{{content}}"]}""";

    private static string Predictions(string value) => $"{{\n    \"predictions\": [{value}\n    ]\n}}";

    private static string Error(string text, bool whole = false) => $"{{\n    \"error\": \"{text}{(whole ? "\"\n}" : "")}";

    private static string ParseError(string text, int offset) =>
        Error(string.Create(CultureInfo.InvariantCulture, $"JSON Parse error: {text} at offset: {offset}"), whole: true);

    private static byte[] Mutate(string body, Random random)
    {
        List<byte> bytes = [.. Encoding.UTF8.GetBytes(body)];
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            int at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0:
                    bytes.RemoveAt(at);
                    break;
                case 1:
                    bytes.Insert(at, "[]{}\",:\\0.eE-+"u8[random.Next(14)]);
                    break;
                case 2:
                    bytes.AddRange(bytes.GetRange(at, bytes.Count - at));
                    break;
                default:
                    bytes[at] = (byte)random.Next(256);
                    break;
            }
        }

        return [.. bytes];
    }

    private async Task StillServesAsync() =>
        (await PostAsync(Float, "{\"instances\": [1.0]}"u8.ToArray())).Text.ShouldBe(Predictions("1.0"));

    private Task<RawHttpAnswer> PostAsync(string target, byte[] body)
    {
        string head = string.Create(CultureInfo.InvariantCulture, $"POST {target} HTTP/1.1\r\nHost: x\r\nContent-Length: {body.Length}\r\n\r\n");
        return RawHttpClient.SendAsync(_server.RestPort, [.. Encoding.Latin1.GetBytes(head), .. body]);
    }
}
