using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Services;

/// <summary>GetModelStatus: the states of one version or of all versions of a model. A version label is ignored, as the original does.</summary>
internal sealed class ModelStatusService
{
    private readonly IServableDirectory _directory;

    public ModelStatusService(IServableDirectory directory) => _directory = directory;

    public ServingStatus Get(GetModelStatusRequest request, out GetModelStatusResponse? response)
    {
        response = null;
        return request.ModelSpec is { } spec ? Get(spec.Name, spec.Version, out response) : ModelSpecFaults.Missing;
    }

    /// <param name="version">Null: all, newest first.</param>
    public ServingStatus Get(string name, long? version, out GetModelStatusResponse? response)
    {
        response = new GetModelStatusResponse();
        foreach (ServableState state in _directory.GetStates(name))
        {
            if (version is null || state.Id.Version == version)
            {
                response.ModelVersionStatus.Add(new ModelVersionStatus
                {
                    Version = state.Id.Version,
                    State = (ModelVersionStatus.Types.State)(int)state.State,
                    Status = new StatusProto { ErrorCode = (Tensorflow.Error.Code)(int)state.Status.Code, ErrorMessage = state.Status.Message },
                });
            }
        }

        if (response.ModelVersionStatus.Count > 0)
        {
            return ServingStatus.Ok;
        }

        response = null;
        return ServingStatus.NotFound(
            version is long wanted ? $"Could not find version {wanted} of model {name}" : $"Could not find any versions of model {name}");
    }
}
