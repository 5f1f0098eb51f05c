using SharpServing.Serving;
using Tensorflow.Serving;
using PolicyCase = Tensorflow.Serving.FileSystemStoragePathSourceConfig.Types.ServableVersionPolicy.PolicyChoiceOneofCase;

namespace SharpServing.Server.Configuration;

/// <summary>From the configuration's messages to the records of the serving core.</summary>
internal static class ModelConfigConverter
{
    public static IReadOnlyList<ServedModelConfig> ToModels(ModelConfigList list)
    {
        var models = new List<ServedModelConfig>(list.Config.Count);
        foreach (ModelConfig config in list.Config)
        {
#pragma warning disable CS0612 // model_type is deprecated; files still carry it.
            int modelType = (int)config.ModelType;
#pragma warning restore CS0612
            models.Add(new ServedModelConfig
            {
                Name = config.Name,
                BasePath = config.BasePath,
                Platform = config.ModelPlatform,
                ModelType = modelType,
                VersionPolicy = ToPolicy(config.ModelVersionPolicy),
                VersionLabels = new Dictionary<string, long>(config.VersionLabels),
                RequestLog = config.LoggingConfig is { } log ? ToRequestLog(log) : null,
            });
        }

        return models;
    }

    /// <summary>The list that <c>--model_name</c> and <c>--model_base_path</c> stand for.</summary>
    public static IReadOnlyList<ServedModelConfig> SingleModel(string name, string basePath) =>
        [new ServedModelConfig { Name = name, BasePath = basePath, Platform = "tensorflow" }];

    private static RequestLogConfig ToRequestLog(LoggingConfig config) => new()
    {
        CollectorType = config.LogCollectorConfig?.Type ?? "",
        FilenamePrefix = config.LogCollectorConfig?.FilenamePrefix ?? "",
        SamplingRate = ToSamplingRate(config.SamplingConfig),
        HasCustomConfig = config.CustomLoggingConfig is not null,
    };

    /// <summary>The first entry that is for this task, else the rate for all. This server has neither data centre nor task number.</summary>
    private static double ToSamplingRate(SamplingConfig? config)
    {
        foreach (PerTaskSamplingConfig task in config?.PerTaskSamplingConfigs ?? [])
        {
            if (task.Dc.Length == 0 && !task.HasTaskIndex)
            {
                return task.SamplingRate;
            }
        }

        return config?.SamplingRate ?? 0;
    }

    private static ServableVersionPolicy ToPolicy(FileSystemStoragePathSourceConfig.Types.ServableVersionPolicy? policy) => policy?.PolicyChoiceCase switch
    {
        PolicyCase.Latest => new ServableVersionPolicy.Latest(policy.Latest.NumVersions),
        PolicyCase.All => new ServableVersionPolicy.All(),
        PolicyCase.Specific => new ServableVersionPolicy.Specific([.. policy.Specific.Versions]),
        _ => ServableVersionPolicy.Default,
    };
}
