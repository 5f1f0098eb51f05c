using System.Text;
using SharpServing.TestSupport;

namespace SharpServing.Cli.Tests;

/// <summary>What the server logs of its requests is a warm-up file, and input of <c>sharpserving verify</c>.</summary>
public sealed class RequestLogTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("request-log-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Log_OfRequests_WarmsUpAndVerifies()
    {
        string version = Path.Combine(_folder, "m", "1");
        CopyVersion(SharedData.PathOf("models", "tfs_half_plus_two_cpu", "00000123"), version);
        string config = Path.Combine(_folder, "models.config");
        await File.WriteAllTextAsync(
            config,
            $$"""
            model_config_list { config { name: "m" base_path: "{{_folder}}/m" model_platform: "tensorflow" logging_config {
              log_collector_config { type: "tfrecord" filename_prefix: "{{_folder}}/log/m" } sampling_config { sampling_rate: 1 } } } }
            """);

        // 1. Answered requests are logged; refused ones are not.
        int port = ServerProcess.FreePort();
        await using (ServerProcess server = await ServeAsync(port, $"--model_config_file={config}"))
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}/v1/models/") };
            (await PostAsync(client, "m:predict", "{\"instances\": [1.0, 2.0, 5.0]}")).ShouldBe(200);
            (await PostAsync(client, "m/versions/1:predict", "{\"signature_name\": \"serving_default\", \"inputs\": {\"x\": [[7.0]]}}")).ShouldBe(200);
            (await PostAsync(client, "m:regress", "{\"signature_name\": \"regress_x_to_y\", \"examples\": [{\"x\": 3.0}]}")).ShouldBe(200);
            (await PostAsync(client, "m:classify", "{\"signature_name\": \"classify_x_to_y\", \"examples\": [{\"x\": 3.0}]}")).ShouldBe(200);
            (await PostAsync(client, "m:predict", "{\"instances\": [\"a\"]}")).ShouldBe(400);
            (await server.StopAsync("TERM")).ShouldBe(0, server.Text);
        }

        string log = Directory.EnumerateFiles(Path.Combine(_folder, "log")).ShouldHaveSingleItem();
        Path.GetFileName(log).ShouldBe("m-000001.tfrecord");
        Directory.CreateDirectory(Path.Combine(version, "assets.extra"));
        File.Copy(log, Path.Combine(version, "assets.extra", "tf_serving_warmup_requests"));

        // 2. The same answers again.
        (string output, string error, int code) = await ServerProcess.RunAsync(ServerProcess.Program, "verify", version);
        code.ShouldBe(0, output + error);
        output.ShouldContain("verify: 4 passed, 0 failed");

        // 3. As a warm-up.
        await using ServerProcess warm = await ServeAsync(ServerProcess.FreePort(), "--model_name=m", $"--model_base_path={_folder}/m");
        warm.Text.ShouldContain("Number of warmup records read: 4.");
        (await warm.StopAsync("TERM")).ShouldBe(0);
    }

    private static Task<ServerProcess> ServeAsync(int port, params string[] flags) => ServerProcess.StartAsync(
        ServerProcess.Program, "Exporting HTTP/REST API at:localhost:", ["serve", $"--port={ServerProcess.FreePort()}", $"--rest_api_port={port}", .. flags]);

    private static async Task<int> PostAsync(HttpClient client, string target, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8);
        using HttpResponseMessage answer = await client.PostAsync(new Uri(client.BaseAddress + target), content);
        return (int)answer.StatusCode;
    }

    private static void CopyVersion(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.WriteAllBytes(copy, File.ReadAllBytes(file));
        }
    }
}
