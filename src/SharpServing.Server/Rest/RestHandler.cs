using System.Buffers;
using System.Diagnostics;
using SharpServing.Protos.Inference;
using SharpServing.Server.Hosting;
using SharpServing.Server.Monitoring;
using SharpServing.Server.Rest.Http;
using SharpServing.Server.Rest.Json;
using SharpServing.Server.Services;
using SharpServing.Server.Telemetry;
using SharpServing.Serving;
using Tensorflow.Serving;
using HttpMethod = SharpServing.Server.Rest.Http.HttpMethod;

namespace SharpServing.Server.Rest;

/// <summary>
/// The REST API on whole requests: routes, bodies, services, answers. Thread-safe.
/// Source: model_servers/http_server.cc and http_rest_api_handler.cc.
/// </summary>
internal sealed class RestHandler
{
    private static readonly ServingStatus BadVersion = ServingStatus.InvalidArgument("");

    [ThreadStatic]
    private static RestPredictCall? _idleCall;

    [ThreadStatic]
    private static JsonDocument? _idleDocument;

    private readonly FrontEndServices _services;
    private readonly ServerHostOptions _options;
    private readonly string? _metricsPath;

    /// <param name="metricsPath">Of the metrics page; null: none.</param>
    public RestHandler(FrontEndServices services, string? metricsPath)
    {
        _metricsPath = metricsPath;
        _services = services;
        _options = services.Options;
    }

    public void Handle(HttpHead head, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        if (answer.MustBeShort && (ServerTrace.IsOn || !MayBeShort(head, body)))
        {
            answer.IsPutOff = true;
            return;
        }

        if (_services.Readiness.IsDraining)
        {
            answer.CloseConnection();
        }

        if (TryWriteMetrics(head, answer))
        {
            return;
        }

        if (!RestRoute.IsServed(head.Path))
        {
            HandleOther(head, answer);
            return;
        }

        using Activity? span = ServerTrace.IsOn ? ServerTrace.StartRest(head) : null;
        long started = Stopwatch.GetTimestamp();
        answer.HasCors = _options.RestCors;
        RestRoute route = default;
        ServingStatus status = head.Method switch
        {
            HttpMethod.Options => AnswerOptions(head, answer),
            HttpMethod.Post when RestRoute.TryParsePost(head.Path, out route) => HandlePost(route, head.IsGzip ? Inflate(body) : body, answer),
            HttpMethod.Get when RestRoute.TryParseGet(head.Path, out route) => HandleGet(route, answer),
            _ => Refuse(head, answer, ref route),
        };
        if (answer.IsPutOff)
        {
            return;
        }

        ServerTrace.EndRest(span, head, route, answer.Status);
        string api = head.Method == HttpMethod.Post ? route.Method ?? "" : "";
        _services.Metrics.CountRequest(route.Model ?? "", api, "REST", status.Code, Stopwatch.GetElapsedTime(started));
    }

    /// <summary>Only a small Predict is ever known to be short: once its signature is known.</summary>
    private static bool MayBeShort(HttpHead head, ReadOnlyMemory<byte> body) =>
        head.Method == HttpMethod.Post && !head.IsGzip && body.Length <= RunPace.SmallBytes
        && RestRoute.IsServed(head.Path) && head.Path.EndsWith(":predict", StringComparison.Ordinal);

    /// <summary>The page is at its path exactly, whatever the method; with a query or fragment behind it, the path is refused.</summary>
    private bool TryWriteMetrics(HttpHead head, HttpAnswer answer)
    {
        if (_metricsPath is not { } path || !head.Path.StartsWith(path, StringComparison.Ordinal)
            || (head.Path.Length > path.Length && head.Path[path.Length] is not ('?' or '#')))
        {
            return false;
        }

        answer.ContentType = HttpAnswer.Text;
        if (head.Path.Length == path.Length)
        {
            PrometheusText.Write(_services.Metrics.All, answer.Output);
        }
        else
        {
            answer.Status = 400;
            answer.Output.Write(StatusText.ToBytes($"Unexpected path: {head.Path}. Should be {path}"));
        }

        return true;
    }

    private static ServingStatus AnswerOptions(HttpHead head, HttpAnswer answer)
    {
        answer.Status = head.HasHttpOrigin ? 200 : 400;
        answer.ContentType = null;
        return head.HasHttpOrigin ? ServingStatus.Ok : ServingStatus.FailedPrecondition("");
    }

    private static ServingStatus Refuse(HttpHead head, HttpAnswer answer, ref RestRoute route)
    {
        route = default;
        ServingStatus status = ServingStatus.InvalidArgument($"Malformed request: {head.MethodName} {head.Path}");
        RestErrorBody.Write(answer, status);
        return status;
    }

    private void HandleOther(HttpHead head, HttpAnswer answer)
    {
        if (ProbePages.TryWrite(head, _services.Readiness, answer))
        {
            return;
        }

        if (_options.Pages is { } pages && pages.TryGetPage(head.MethodName, head.Path, out Page page))
        {
            answer.Status = page.Status;
            answer.ContentType = page.ContentType;
            answer.Output.Write(page.Body.Span);
        }
        else
        {
            answer.SetPage(404);
        }
    }

    private ServingStatus HandlePost(in RestRoute route, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        if (route.HasBadVersion)
        {
            answer.Status = 400;
            return BadVersion;
        }

        ServingStatus status = route.Method == "predict" ? Predict(route, body, answer) : Infer(route, body, answer);
        if (!status.IsOk)
        {
            RestErrorBody.Write(answer, status);
        }

        return status;
    }

    private ServingStatus HandleGet(in RestRoute route, HttpAnswer answer)
    {
        if (route.HasBadVersion)
        {
            answer.Status = 400;
            return BadVersion;
        }

        ServingStatus status;
        if (route.Model.Length == 0)
        {
            status = ServingStatus.InvalidArgument("Missing model name in request.");
        }
        else
        {
            status = route.Method == "metadata" ? WriteMetadata(route, answer) : WriteStatus(route, answer);
        }

        if (!status.IsOk)
        {
            RestErrorBody.Write(answer, status);
        }

        return status;
    }

    private ServingStatus WriteStatus(in RestRoute route, HttpAnswer answer)
    {
        ServingStatus status = _services.Status.Get(route.Model, route.Version, out GetModelStatusResponse? response);
        if (status.IsOk)
        {
            answer.Output.Write(ProtoJsonWriter.Write(response!));
        }

        return status;
    }

    private ServingStatus WriteMetadata(in RestRoute route, HttpAnswer answer)
    {
        ServingStatus status = _services.Metadata.GetSignatures(route.Model, route.Version, route.Label, out long version, out SignatureDefMap? signatures);
        if (status.IsOk)
        {
            IBufferWriter<byte> output = answer.Output;
            output.Write("{\n\"model_spec\":"u8);
            output.Write(ProtoJsonWriter.Write(new ModelSpec { Name = route.Model, Version = version }));
            output.Write(",\n\"metadata\": {\"signature_def\": "u8);
            output.Write(ProtoJsonWriter.Write(signatures!));
            output.Write("}\n}\n"u8);
        }

        return status;
    }

    private ServingStatus Predict(in RestRoute route, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        RestPredictCall call = _idleCall ?? new RestPredictCall();
        JsonDocument document = _idleDocument ?? new JsonDocument();
        _idleCall = null;
        _idleDocument = null;
        long start = Stopwatch.GetTimestamp();
        RunPace? pace = null;
        try
        {
            call.ModelName = route.Model;
            call.Version = route.Version;
            call.VersionLabel = route.Label;
            ServingStatus status = JsonParser.TryParse(body, _options.Limits.MaxJsonDepth, document);
            if (status.IsOk)
            {
                status = JsonPredictReader.TryReadSignature(document.Root, call);
            }

            if (status.IsOk)
            {
                status = Predict(call, document.Root, answer, out pace);
            }

            if (!status.IsOk || answer.IsPutOff)
            {
                return status;
            }

            status = JsonPredictWriter.TryWrite(call, answer.Output);
            if (status.IsOk)
            {
                _services.RequestLogs?.Sample(call.ModelName)?.Add(call);
            }

            return status;
        }
        finally
        {
            if (pace is not null && !answer.IsPutOff && body.Length <= RunPace.SmallBytes)
            {
                pace.Record(Stopwatch.GetTimestamp() - start);
            }

            call.Reset();
            _idleCall = call;
            document.Clear();
            _idleDocument = document;
        }
    }

    /// <param name="pace">Of the signature; null where the request names none that exists.</param>
    private ServingStatus Predict(RestPredictCall call, JsonValue root, HttpAnswer answer, out RunPace? pace)
    {
        pace = null;
        ServingStatus status = _services.Directory.TryAcquire(call.ModelName, call.Version, call.VersionLabel, out ServableHandle handle);
        if (!status.IsOk)
        {
            return status;
        }

        using (handle)
        {
            if (handle.Servable is not SavedModelServable servable)
            {
                return ModelSpecFaults.WrongServable;
            }

            string name = call.SignatureName.Length > 0 ? call.SignatureName : SavedModelServable.DefaultSignature;
            if (!servable.TryGetSignature(name, out SignatureModel? signature))
            {
                return RestFaults.NoSuchSignature(name);
            }

            pace = signature.Pace;
            if (answer.MustBeShort && !pace.IsShort)
            {
                answer.IsPutOff = true;
                return ServingStatus.Ok;
            }

            if (signature.Inputs.IsEmpty)
            {
                return RestFaults.NoInputs(call.SignatureName);
            }

            status = JsonPredictReader.TryReadInputs(root, signature, call);
            return status.IsOk ? Run(call, servable, handle.Id.Version) : status;
        }
    }

    private ServingStatus Run(RestPredictCall call, SavedModelServable servable, long version) =>
        Timed((_services, call, servable, version), static (state, cancellation) =>
            state._services.PredictRunner.Run(state.call, state.servable, state.version, cancellation));

    /// <summary>Classify and Regress: the body becomes the request of the RPC.</summary>
    private ServingStatus Infer(in RestRoute route, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        JsonDocument document = _idleDocument ?? new JsonDocument();
        _idleDocument = null;
        try
        {
            ServingStatus status = JsonParser.TryParse(body, _options.Limits.MaxJsonDepth, document);
            string signature = "";
            var input = new Input();
            if (status.IsOk)
            {
                status = JsonExampleReader.TryRead(document.Root, out signature, input);
            }

            if (!status.IsOk)
            {
                return status;
            }

            var spec = new ModelSpec { Name = route.Model, SignatureName = signature };
            if (route.Label is { } label)
            {
                spec.VersionLabel = label;
            }
            else if (route.Version is { } version)
            {
                spec.Version = version;
            }

            return route.Method == "classify" ? Classify(spec, input, answer.Output) : Regress(spec, input, answer.Output);
        }
        finally
        {
            document.Clear();
            _idleDocument = document;
        }
    }

    private ServingStatus Classify(ModelSpec spec, Input input, IBufferWriter<byte> output)
    {
        var request = new ClassificationRequest { ModelSpec = spec, Input = input };
        ClassifyAnswer? made = null;
        ServingStatus status = Timed(cancellation => _services.Inference.Classify(request, cancellation, out made));
        return status.IsOk ? JsonInferenceWriter.TryWrite(made!.Result, output) : status;
    }

    private ServingStatus Regress(ModelSpec spec, Input input, IBufferWriter<byte> output)
    {
        var request = new RegressionRequest { ModelSpec = spec, Input = input };
        RegressionResponse? made = null;
        ServingStatus status = Timed(cancellation => _services.Inference.Regress(request, cancellation, out made));
        return status.IsOk ? JsonInferenceWriter.TryWrite(made!.Result, output) : status;
    }

    private ServingStatus Timed(Func<CancellationToken, ServingStatus> call) => Timed(call, static (inner, cancellation) => inner(cancellation));

    /// <summary>Runs a call within the time that a request may take.</summary>
    private ServingStatus Timed<TState>(TState state, Func<TState, CancellationToken, ServingStatus> call)
    {
        if (_options.RestTimeout <= TimeSpan.Zero)
        {
            return call(state, CancellationToken.None);
        }

        using CallDeadline deadline = CallDeadline.Start(_options.RestTimeout, CancellationToken.None);
        ServingStatus status = call(state, deadline.Token);
        return status.Code == StatusCode.Cancelled && deadline.Expired ? RestFaults.TimedOut : status;
    }

    /// <summary>A body that is not one whole gzip member, or too large, counts as empty.</summary>
    private ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> body) =>
        GzipBody.TryInflate(body, _options.Limits.MaxInflatedBodyBytes, out ReadOnlyMemory<byte> inflated) ? inflated : default;
}
