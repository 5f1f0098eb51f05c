using SharpServing.Server.Services;
using SharpServing.Serving;

namespace SharpServing.Server.Startup;

/// <summary>Loads one SavedModel version directory.</summary>
internal sealed class SavedModelLoader : ILoader
{
    private const string TfLiteFile = "model.tflite";
    private const double RamPerByteOnDisk = 1.2;    // the original's estimate

    private readonly ServableId _id;
    private readonly string _path;
    private readonly string[] _tags;
    private readonly SavedModelLoaderOptions _options;
    private SavedModelServable? _servable;

    public SavedModelLoader(ServableId id, string path, string[] tags, SavedModelLoaderOptions options)
    {
        _id = id;
        _path = path;
        _tags = tags;
        _options = options;
    }

    public object Servable => _servable ?? throw new InvalidOperationException($"{_path} is not loaded.");

    /// <summary>1.2 times the sizes of all files below the directory.</summary>
    public ServingStatus TryEstimateRam(out long bytes)
    {
        bytes = 0;
        ServingStatus status = StoragePath.TryToLocal(_path, out string local);
        if (!status.IsOk)
        {
            return status;
        }

        if (File.Exists(local))
        {
            return FileErrors.NotADirectory(local);
        }

        try
        {
            long sum = 0;
            foreach (FileInfo file in new DirectoryInfo(local).EnumerateFiles("*", SearchOption.AllDirectories))
            {
                sum += file.Length;
            }

            bytes = (long)(sum * RamPerByteOnDisk);
            return ServingStatus.Ok;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return FileErrors.ToStatus(exception, local);
        }
    }

    public ServingStatus Load(CancellationToken cancellation)
    {
        ServingStatus status = StoragePath.TryToLocal(_path, out string local);
        if (!status.IsOk)
        {
            return status;
        }

        status = CheckKind(local);
        if (!status.IsOk)
        {
            return status;
        }

        if (!File.Exists(StoragePath.Join(local, "saved_model.pb")) && !File.Exists(StoragePath.Join(local, "saved_model.pbtxt")))
        {
            return File.Exists(StoragePath.Join(local, "export.meta"))
                ? ServingStatus.Unimplemented("Session Bundle is deprecated and removed.")
                : ServingStatus.NotFound(
                    "Specified file path does not appear to contain a SavedModel bundle (should have a file called `saved_model.pb`)\n"
                    + $"Specified file path: {_path}");
        }

        SavedModelConfigFile.Read(_path, local, _options.Log);
        string tags = string.Join(' ', _tags);
        _options.Log.ReadingModel(_path);
        _options.Log.ReadingMetaGraph(tags);
        long started = _options.Time.GetTimestamp();
        try
        {
            _servable = _options.Open(local, _tags, cancellation);
            MemoryReclaimer.TrimPools();
        }
        catch (StatusException exception)
        {
            status = exception.Status;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            status = FileErrors.ToStatus(exception, (exception as FileNotFoundException)?.FileName ?? local);
        }

        TimeSpan elapsed = _options.Time.GetElapsedTime(started);
        _options.Metrics.CountLoad(_path, status, elapsed);
        _options.Log.ModelLoadEnded(tags, status.IsOk ? "success: OK" : $"fail: {status}", (long)elapsed.TotalMicroseconds);
        if (status.IsOk && _options.Batching is not null)
        {
            status = _options.Batching.TryApply(_servable!, local, out _servable);
        }

        if (status.IsOk && _options.Warmup is not null)
        {
            status = _options.Warmup.Run(_servable!, _path, local, cancellation);
        }

        if (status.IsOk)
        {
            CountMlMetadata(local);
        }
        else
        {
            Unload();
        }

        return status;
    }

    /// <summary>The version's key in ML Metadata, where its export names one. Source: machine_learning_metadata.cc.</summary>
    private void CountMlMetadata(string local)
    {
        string file = StoragePath.Join(local, "assets.extra/mlmd_uuid");
        if (File.Exists(file))
        {
            _options.Metrics.CountMlMetadata(_id.Name, _id.Version);
        }
    }

    public void Unload()
    {
        _servable?.Dispose();
        _servable = null;
    }

    /// <summary>Refuses what there is nothing for yet, before anything is read.</summary>
    private ServingStatus CheckKind(string local)
    {
        if (_options.PreferTfLite && File.Exists(StoragePath.Join(local, TfLiteFile)))
        {
            return ServingStatus.Unimplemented(
                $"TensorFlow Lite models are not supported yet: {StoragePath.Join(_path, TfLiteFile)}. Without prefer_tflite_model the SavedModel beside it is served.");
        }

        return _options.EnableSavedModelConfig ? ServingStatus.Unimplemented("Saved model config functionality is not implemented.") : ServingStatus.Ok;
    }
}
