using SharpServing.Conformance.Tests.Support;
using SharpServing.Server.Tests.Support;
using Tensorflow.Serving;

namespace SharpServing.Conformance.Tests.Grpc;

/// <summary>Sections G.5 to G.8: metadata, status, reloads, other services. Reloads have a server of their own.</summary>
internal static class ReloadCases
{
    private static readonly ModelConfig Default = Reloads.Model(ServedModel.Fixtures[0]);
    private static readonly ModelConfig Both = Reloads.Model(ServedModel.Fixture("default", "tfs_half_plus_two_2_versions"));

    public static IReadOnlyDictionary<string, Func<ConformanceServer, Task>> All { get; } = new Dictionary<string, Func<ConformanceServer, Task>>
    {
        ["G402"] = server => GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.GetModelMetadata,
            new GetModelMetadataRequest { ModelSpec = GrpcCalls.Spec("default") },
            StatusCode.InvalidArgument,
            "GetModelMetadataRequest must specify at least one metadata_field"),
        ["G403"] = server => GrpcCalls.RefusedAsync(
            server, GrpcCalls.GetModelMetadata, Metadata(GrpcCalls.Spec("default"), "some_stuff"), StatusCode.InvalidArgument, "Metadata field some_stuff is not supported"),
        ["G404"] = MetadataSpecsAsync,
        ["G503"] = server => StatusFailsAsync(server, GrpcCalls.Spec("nosuch"), "Could not find any versions of model nosuch"),
        ["G504"] = server => StatusFailsAsync(server, GrpcCalls.Spec("default", version: 99), "Could not find version 99 of model default"),
        ["G505"] = server => VersionsAsync(server, "HP2V", (124, State.Available), (123, State.Available)),
        ["G603"] = _ => WithServerAsync(UnloadAsync),
        ["G604"] = _ => WithServerAsync(LoadAgainAsync),
        ["G606"] = _ => WithServerAsync(NoListAsync),
        ["G607"] = _ => WithServerAsync(server => FailsAsync(server, "Illegal to list model default multiple times in config list", Default, Default)),
        ["G610"] = _ => WithServerAsync(server => FailsAsync(server, "Model added requests unsupported platform other", With("other", name: "added"))),
        ["G611"] = _ => WithServerAsync(ModelTypeAsync),
        ["G612"] = _ => WithServerAsync(server => FailsAsync(
            server,
            "Illegal setting both ModelServerConfig::model_type (deprecated) and ModelServerConfig::model_platform, model name is default",
            With(hasType: true))),
        ["G613"] = _ => WithServerAsync(server => FailsAsync(
            server,
            "Illegal setting neither ModelServerConfig::model_type (deprecated) nor ModelServerConfig::model_platform, model name is default",
            With(platform: ""))),
        ["G616"] = _ => WithServerAsync(UnavailableLabelAsync, "--allow_version_labels_for_unavailable_models=true"),
        ["G617"] = _ => WithServerAsync(LabelsAsync),
        ["G618"] = _ => WithServerAsync(DroppedLabelsAsync),
        ["G621"] = _ => WithServerAsync(MetricsAsync),
        ["G622"] = _ => WithServerAsync(LoggingAsync),
        ["G623"] = _ => WithServerAsync(NoAnswerBesideTheErrorAsync),
        ["G703"] = server => GrpcCalls.RefusedAsync(
            server, "/grpc.health.v1.Health/Check", new global::Grpc.Health.V1.HealthCheckRequest(), StatusCode.Unimplemented),
        ["G706"] = ReflectionAsync,
    };

    private enum State
    {
        Available,
        End,
    }

    private static async Task ReflectionAsync(ConformanceServer server)
    {
        // ServerReflectionRequest { list_services: "" }
        GrpcAnswer answer = await server.Grpc.CallRawAsync(
            "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", GrpcTestClient.Frame([7 << 3 | 2, 0]));
        answer.Status.ShouldBe(ServingStatus.Ok);
        string services = System.Text.Encoding.Latin1.GetString(answer.Message);
        foreach (string service in new[] { "tensorflow.serving.PredictionService", "tensorflow.serving.ModelService", "grpc.reflection.v1alpha.ServerReflection" })
        {
            services.ShouldContain(service);
        }
    }

    private static async Task WithServerAsync(Func<ConformanceServer, Task> test, params string[] flags)
    {
        await using ConformanceServer server = await ConformanceServer.StartDefaultAsync(flags);
        await test(server);
    }

    private static ModelConfig With(string platform = "tensorflow", bool hasType = false, string name = "default")
    {
        ModelConfig model = Default.Clone();
        model.Name = name;
        model.ModelPlatform = platform;
#pragma warning disable CS0612 // the field is deprecated, and read
        model.ModelType = hasType ? ModelType.Tensorflow : ModelType.Unspecified;
#pragma warning restore CS0612
        return model;
    }

    private static ModelConfig Labelled(ModelConfig of, params (string Label, long Version)[] labels)
    {
        ModelConfig model = of.Clone();
        model.ModelVersionPolicy = new FileSystemStoragePathSourceConfig.Types.ServableVersionPolicy
        {
            All = new FileSystemStoragePathSourceConfig.Types.ServableVersionPolicy.Types.All(),
        };
        foreach ((string label, long version) in labels)
        {
            model.VersionLabels[label] = version;
        }

        return model;
    }

    private static async Task FailsAsync(ConformanceServer server, string text, params ModelConfig[] models) =>
        (await Reloads.CallAsync(server, models)).ShouldBe(new ServingStatus(StatusCode.InvalidArgument, text));

    private static GetModelMetadataRequest Metadata(ModelSpec? spec, string field = "signature_def") => new() { ModelSpec = spec, MetadataField = { field } };

    private static async Task MetadataSpecsAsync(ConformanceServer server)
    {
        await GrpcCalls.RefusedAsync(server, GrpcCalls.GetModelMetadata, Metadata(null), StatusCode.InvalidArgument);
        await GrpcCalls.RefusedAsync(server, GrpcCalls.GetModelMetadata, Metadata(new ModelSpec()), StatusCode.InvalidArgument);
        await GrpcCalls.RefusedAsync(server, GrpcCalls.GetModelMetadata, Metadata(GrpcCalls.Spec("nosuch")), StatusCode.NotFound);
    }

    private static Task StatusFailsAsync(ConformanceServer server, ModelSpec spec, string text) =>
        GrpcCalls.RefusedAsync(server, GrpcCalls.GetModelStatus, new GetModelStatusRequest { ModelSpec = spec }, StatusCode.NotFound, text);

    private static async Task VersionsAsync(ConformanceServer server, string model, params (long Version, State State)[] expected)
    {
        GetModelStatusResponse response = await StatusAsync(server, model);
        response.ModelVersionStatus.Select(one => $"{one.Version} {one.State}").ShouldBe(expected.Select(one => $"{one.Version} {one.State}"));
    }

    private static Task<GetModelStatusResponse> StatusAsync(ConformanceServer server, string model) =>
        server.CallAsync<GetModelStatusResponse>(GrpcCalls.GetModelStatus, new GetModelStatusRequest { ModelSpec = GrpcCalls.Spec(model) });

    private static async Task UnloadAsync(ConformanceServer server)
    {
        await Reloads.AcceptedAsync(server, Reloads.Model(ServedModel.Fixtures[3]));
        await ConformanceServer.UntilAsync(
            async () => (await StatusAsync(server, "default")).ModelVersionStatus.Single().State == ModelVersionStatus.Types.State.End, "the end of default");
        await GrpcCalls.RefusedAsync(
            server,
            GrpcCalls.Predict,
            GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2),
            StatusCode.NotFound,
            "Servable not found for request: Latest(default)");
        await VersionsAsync(server, "default", (123, State.End));
    }

    private static async Task LoadAgainAsync(ConformanceServer server)
    {
        await UnloadAsync(server);
        await Reloads.AcceptedAsync(server, Default);
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default"), 2), 3);
        await VersionsAsync(server, "default", (123, State.Available));
    }

    private static async Task NoListAsync(ConformanceServer server)
    {
        const string Text = "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported";
        await GrpcCalls.RefusedAsync(server, Reloads.Method, new ReloadConfigRequest(), StatusCode.InvalidArgument, Text);
        var custom = new ReloadConfigRequest { Config = new ModelServerConfig { CustomModelConfig = new Google.Protobuf.WellKnownTypes.Any { TypeUrl = "x" } } };
        await GrpcCalls.RefusedAsync(server, Reloads.Method, custom, StatusCode.InvalidArgument, Text);
    }

    private static async Task ModelTypeAsync(ConformanceServer server)
    {
        await Reloads.AcceptedAsync(server, With(platform: "", hasType: true));
        server.Log.ShouldContain(line => line.StartsWith('W') && line.Contains("model_type", StringComparison.Ordinal));
    }

    private static async Task UnavailableLabelAsync(ConformanceServer server)
    {
        await Reloads.AcceptedAsync(server, Labelled(Default, ("A", 123)));
        ServingStatus status = await Reloads.CallAsync(server, Labelled(Default, ("A", 99)));
        status.Code.ShouldBe(StatusCode.FailedPrecondition);
        status.Message.ShouldContain("A");
    }

    private static async Task LabelsAsync(ConformanceServer server)
    {
        await Reloads.AcceptedAsync(server, Labelled(Both));
        await ConformanceServer.UntilAsync(
            async () => (await StatusAsync(server, "default")).ModelVersionStatus.All(one => one.State == ModelVersionStatus.Types.State.Available),
            "both versions: a reload returns with the first of them");
        await Reloads.AcceptedAsync(server, Labelled(Both, ("A", 123), ("B", 124)));
        foreach ((string label, long version) in new[] { ("A", 123L), ("B", 124L) })
        {
            PredictResponse response = await server.CallAsync<PredictResponse>(GrpcCalls.Predict, GrpcCalls.PredictX(GrpcCalls.Spec("default", label: label), 2));
            response.ModelSpec.Version.ShouldBe(version);
        }

        await NoLabelAsync(server, "nonexistent label");
    }

    private static Task NoLabelAsync(ConformanceServer server, string label) => GrpcCalls.RefusedAsync(
        server,
        GrpcCalls.Predict,
        GrpcCalls.PredictX(GrpcCalls.Spec("default", label: label), 2),
        StatusCode.InvalidArgument,
        $"Unrecognized servable version label: {label}");

    private static async Task DroppedLabelsAsync(ConformanceServer server)
    {
        await Reloads.AcceptedAsync(server, Labelled(Default, ("A", 123)));
        await GrpcCalls.GivesAsync(server, GrpcCalls.PredictX(GrpcCalls.Spec("default", label: "A"), 2), 3);
        await Reloads.AcceptedAsync(server, Labelled(Default));
        await NoLabelAsync(server, "A");
    }

    private static async Task MetricsAsync(ConformanceServer server)
    {
        const string Loads = "/tensorflow/core/saved_model/read/count";
        ReloadConfigRequest request = Reloads.Request(Default, Reloads.Model(ServedModel.Fixtures[3]));
        request.MetricNames.Add([Loads, "/no/such/metric", Loads]);
        ReloadConfigResponse response = await server.CallAsync<ReloadConfigResponse>(Reloads.Method, request);
        response.Metric.Select(metric => metric.Name).Order(StringComparer.Ordinal).ShouldBe(["/no/such/metric", Loads]);
        response.Metric.Single(metric => metric.Name != Loads).Int64ValueIncrease.ShouldBe(0);
        response.Metric.Single(metric => metric.Name == Loads).Int64ValueIncrease.ShouldBeGreaterThanOrEqualTo(0);
    }

    private static async Task LoggingAsync(ConformanceServer server)
    {
        ModelConfig model = Default.Clone();
        model.Name = "logged";
        model.LoggingConfig = new LoggingConfig { SamplingConfig = new SamplingConfig { SamplingRate = 1 } };
        await FailsAsync(server, "No request-logger-creator provided.", model);
    }

    // The message beside an error is never sent by gRPC: the status is all a client sees.
    private static async Task NoAnswerBesideTheErrorAsync(ConformanceServer server)
    {
        GrpcAnswer answer = await server.Grpc.CallAsync(Reloads.Method, Reloads.Request(Default, Default));
        answer.Status.Code.ShouldBe(StatusCode.InvalidArgument);
        answer.Status.Message.ShouldNotBeEmpty();
    }
}
