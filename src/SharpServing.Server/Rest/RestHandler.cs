using System.Buffers;
using SharpServing.Protos.Inference;
using SharpServing.Server.Hosting;
using SharpServing.Server.Rest.Http;
using SharpServing.Server.Rest.Json;
using SharpServing.Server.Services;
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
    [ThreadStatic]
    private static RestPredictCall? _idleCall;

    [ThreadStatic]
    private static JsonDocument? _idleDocument;

    private readonly FrontEndServices _services;
    private readonly ServerHostOptions _options;

    public RestHandler(FrontEndServices services)
    {
        _services = services;
        _options = services.Options;
    }

    public void Handle(HttpHead head, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        if (!RestRoute.IsServed(head.Path))
        {
            HandleOther(head, answer);
            return;
        }

        answer.HasCors = _options.RestCors;
        switch (head.Method)
        {
            case HttpMethod.Options:
                answer.Status = head.HasHttpOrigin ? 200 : 400;
                answer.ContentType = null;
                break;
            case HttpMethod.Post when RestRoute.TryParsePost(head.Path, out RestRoute route):
                HandlePost(route, head.IsGzip ? Inflate(body) : body, answer);
                break;
            case HttpMethod.Get when RestRoute.TryParseGet(head.Path, out RestRoute route):
                HandleGet(route, answer);
                break;
            default:
                Refuse(head, answer);
                break;
        }
    }

    private static void Refuse(HttpHead head, HttpAnswer answer) =>
        RestErrorBody.Write(answer, ServingStatus.InvalidArgument($"Malformed request: {head.MethodName} {head.Path}"));

    private void HandleOther(HttpHead head, HttpAnswer answer)
    {
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

    private void HandlePost(in RestRoute route, ReadOnlyMemory<byte> body, HttpAnswer answer)
    {
        if (route.HasBadVersion)
        {
            answer.Status = 400;
            return;
        }

        ServingStatus status = route.Method switch
        {
            "predict" => Predict(route, body, answer),
            _ => Infer(route, body, answer),
        };
        if (!status.IsOk)
        {
            RestErrorBody.Write(answer, status);
        }
    }

    private void HandleGet(in RestRoute route, HttpAnswer answer)
    {
        if (route.HasBadVersion)
        {
            answer.Status = 400;
            return;
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
                status = Predict(call, document.Root);
            }

            return status.IsOk ? JsonPredictWriter.TryWrite(call, answer.Output) : status;
        }
        finally
        {
            call.Reset();
            _idleCall = call;
            _idleDocument = document;
        }
    }

    private ServingStatus Predict(RestPredictCall call, JsonValue root)
    {
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
            state._services.Predict.Run(state.call, state.servable, state.version, cancellation));

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
        return !status.IsOk && deadline.Expired ? RestFaults.TimedOut : status;
    }

    /// <summary>A body that is not one whole gzip member, or too large, counts as empty.</summary>
    private ReadOnlyMemory<byte> Inflate(ReadOnlyMemory<byte> body) =>
        GzipBody.TryInflate(body, _options.Limits.MaxInflatedBodyBytes, out ReadOnlyMemory<byte> inflated) ? inflated : default;
}
