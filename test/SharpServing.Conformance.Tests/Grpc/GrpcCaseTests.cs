using SharpServing.Conformance.Tests.Support;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Section G.</summary>
public sealed class GrpcCaseTests : IClassFixture<GrpcServer>
{
    private static readonly Dictionary<string, Func<ConformanceServer, Task>> Cases =
        PredictCases.All.Concat(InferenceCallCases.All).Concat(ReloadCases.All).ToDictionary();

    private readonly GrpcServer _server;

    public GrpcCaseTests(GrpcServer server) => _server = server;

    public static TheoryData<string> Ids => ConformanceCase.Data(Cases.Keys);

    [Theory]
    [MemberData(nameof(Ids))]
    public Task Grpc_Call_IsAnsweredAsByTheOriginal(string id) => ConformanceCase.RunAsync(id, () => Cases[id](_server.Server));
}
