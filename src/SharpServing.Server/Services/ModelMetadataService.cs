using Google.Protobuf.WellKnownTypes;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Services;

/// <summary>GetModelMetadata: the signatures of a loaded version.</summary>
internal sealed class ModelMetadataService
{
    private const string SignatureField = "signature_def";

    private readonly IServableDirectory _directory;

    public ModelMetadataService(IServableDirectory directory) => _directory = directory;

    public ServingStatus Get(GetModelMetadataRequest request, out GetModelMetadataResponse? response)
    {
        response = null;
        ServingStatus status = Check(request);
        if (!status.IsOk)
        {
            return status;
        }

        ModelSpec spec = request.ModelSpec;
        status = GetSignatures(spec.Name, spec.Version, spec.HasVersionLabel ? spec.VersionLabel : null, out long version, out SignatureDefMap? signatures);
        if (status.IsOk)
        {
            response = new GetModelMetadataResponse
            {
                ModelSpec = new ModelSpec { Name = spec.Name, Version = version },
                Metadata = { [SignatureField] = Any.Pack(signatures) },
            };
        }

        return status;
    }

    /// <summary>The signatures of the version asked for, by the rules of the directory.</summary>
    public ServingStatus GetSignatures(string name, long? version, string? label, out long served, out SignatureDefMap? signatures)
    {
        served = 0;
        signatures = null;
        if (name.Length == 0)
        {
            return ModelSpecFaults.NoName;
        }

        ServingStatus status = _directory.TryAcquire(name, version, label, out ServableHandle handle);
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

            served = handle.Id.Version;
            signatures = new SignatureDefMap { SignatureDef = { servable.MetaGraph.SignatureDef } };
            return ServingStatus.Ok;
        }
    }

    private static ServingStatus Check(GetModelMetadataRequest request)
    {
        if (request.ModelSpec is null)
        {
            return ModelSpecFaults.Missing;
        }

        if (request.MetadataField.Count == 0)
        {
            return ServingStatus.InvalidArgument("GetModelMetadataRequest must specify at least one metadata_field");
        }

        foreach (string field in request.MetadataField)
        {
            if (field != SignatureField)
            {
                return ServingStatus.InvalidArgument($"Metadata field {field} is not supported");
            }
        }

        return ServingStatus.Ok;
    }
}
