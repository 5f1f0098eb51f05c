using SharpServing.Protos.Text;
using SharpServing.Server.Grpc;
using SharpServing.Server.Logging;
using SharpServing.Serving;
using Tensorflow.Serving;

namespace SharpServing.Server.Startup;

/// <summary>
/// A version's <c>assets.extra/saved_model_config.pb</c>. It is read and shown as by the original, and a broken one is a warning. What it can override
/// are rewriters of the original's graphs: for ops that are not built here (RemotePredict, BatchFunction) and for its meta optimizer. So it changes
/// nothing, and the log says so. Source: servables/tensorflow/saved_model_config_util.cc.
/// </summary>
internal static class SavedModelConfigFile
{
    private const string FileName = "assets.extra/saved_model_config.pb";

    /// <param name="path">Of the version, as configured.</param>
    /// <param name="local">The same as a path of this machine.</param>
    /// <param name="log">Where the lines go.</param>
    public static void Read(string path, string local, ServerLog log)
    {
        string file = StoragePath.Join(local, FileName);
        if (!File.Exists(file))
        {
            return;
        }

        string shown = StoragePath.Join(path, FileName);
        log.ModelConfigStarted(shown);
        try
        {
            SavedModelConfig config = SavedModelConfig.Parser.ParseFrom(File.ReadAllBytes(file));
            log.ModelConfigEnded(shown, TextFormat.Print(config));
            if (config.SessionOverrides is not null)
            {
                log.SessionOverridesWithoutEffect(shown);
            }
        }
        catch (Exception e) when (ProtobufFaults.IsMalformed(e))
        {
            log.ModelConfigFailed(ServingStatus.Internal($"Unable to parse SavedModelConfig: {shown}"));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            log.ModelConfigFailed(FileErrors.ToStatus(e, shown));
        }
    }
}
