using Google.Protobuf;
using Google.Protobuf.Reflection;
using Grpc.Health.V1;
using Grpc.Reflection.V1;
using Tensorflow.Serving;

namespace SharpServing.Server.Grpc;

/// <summary>
/// Server reflection: a client asks what is served and how its messages look, any number of questions on one stream. Texts as of gRPC C++,
/// ext/proto_server_reflection.cc.
/// </summary>
internal sealed class ReflectionMethods
{
    private const string Method = "ServerReflectionInfo";

    /// <summary>Of all that is served; made when somebody asks.</summary>
    private static readonly Lazy<DescriptorIndex> Index = new(static () => new DescriptorIndex(
        PredictionServiceReflection.Descriptor,
        ModelServiceReflection.Descriptor,
        HealthReflection.Descriptor,
        ReflectionReflection.Descriptor,
        global::Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor));

    private readonly ListServiceResponse _services = new();

    /// <summary>Serves both versions, whose messages are the same on the wire, and tells of all methods that are there then.</summary>
    public void AddTo(Dictionary<string, GrpcMethod> methods)
    {
        foreach (FileDescriptor version in new[] { global::Grpc.Reflection.V1Alpha.ReflectionReflection.Descriptor, ReflectionReflection.Descriptor })
        {
            methods[$"/{version.Services[0].FullName}/{Method}"] = new GrpcStreamMethod(ServerReflectionRequest.Parser, AnswerAllAsync);
        }

        foreach (string service in methods.Keys.Append(GrpcMethods.Predict).Select(static path => path.Split('/')[1]).Distinct())
        {
            _services.Service.Add(new ServiceResponse { Name = service });
        }
    }

    private async ValueTask<ServingStatus> AnswerAllAsync(GrpcStream stream, CancellationToken cancellation)
    {
        while (true)
        {
            (ServingStatus status, IMessage? request) = await stream.ReadAsync(cancellation);
            if (request is null)
            {
                return status;
            }

            await stream.WriteAsync(Answer((ServerReflectionRequest)request));
        }
    }

    private ServerReflectionResponse Answer(ServerReflectionRequest request)
    {
        var answer = new ServerReflectionResponse { ValidHost = request.Host, OriginalRequest = request };
        switch (request.MessageRequestCase)
        {
            case ServerReflectionRequest.MessageRequestOneofCase.ListServices:
                answer.ListServicesResponse = _services;
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileByFilename:
                AddFile(answer, Index.Value.FindFile(request.FileByFilename), "File not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingSymbol:
                AddFile(answer, Index.Value.FindSymbol(request.FileContainingSymbol), "Symbol not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.FileContainingExtension:
                // No message that is served has extensions.
                string type = request.FileContainingExtension.ContainingType;
                answer.ErrorResponse = Error(StatusCode.NotFound, Index.Value.HasMessage(type) ? "Extension not found." : "Type not found.");
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType when Index.Value.HasMessage(request.AllExtensionNumbersOfType):
                answer.AllExtensionNumbersResponse = new ExtensionNumberResponse { BaseTypeName = request.AllExtensionNumbersOfType };
                break;
            case ServerReflectionRequest.MessageRequestOneofCase.AllExtensionNumbersOfType:
                answer.ErrorResponse = Error(StatusCode.NotFound, "Type not found.");
                break;
            default:
                answer.ErrorResponse = Error(StatusCode.Unimplemented, "");
                break;
        }

        return answer;
    }

    private static void AddFile(ServerReflectionResponse answer, FileDescriptor? file, string missing)
    {
        if (file is null)
        {
            answer.ErrorResponse = Error(StatusCode.NotFound, missing);
            return;
        }

        answer.FileDescriptorResponse = new FileDescriptorResponse();
        foreach (FileDescriptor one in DescriptorIndex.WithImports(file))
        {
            answer.FileDescriptorResponse.FileDescriptorProto.Add(one.SerializedData);
        }
    }

    private static ErrorResponse Error(StatusCode code, string message) => new() { ErrorCode = (int)code, ErrorMessage = message };
}
