using SharpServing.Conformance.Tests.Document;
using SharpServing.Conformance.Tests.Support;

namespace SharpServing.Conformance.Tests.Rest;

/// <summary>One server with the models of sections C and E.</summary>
public sealed class BodyServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("conformance-models-").FullName;

    internal ConformanceServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await ConformanceServer.StartAsync(
        [
            .. PassThroughModels.Make(CaseDocument.BlocksOf("C1", "C2", "C3", "C4"), _folder),
            .. AnswerModels.Make(CaseDocument.BlocksOf("E"), _folder),
            ExampleModel.Make(CaseDocument.BlocksOf("C5", "C6"), _folder),
        ],
        "--file_system_poll_wait_seconds=0");

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
