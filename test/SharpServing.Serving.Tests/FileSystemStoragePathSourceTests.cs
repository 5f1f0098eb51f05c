using SharpServing.TestSupport;

namespace SharpServing.Serving.Tests;

public sealed class FileSystemStoragePathSourceTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("source-").FullName;
    private readonly RecordingLog _log = new();
    private readonly List<string> _emitted = [];

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void PollOnce_Versions_AreEmitted()
    {
        Make("a/1", "a/00002", "a/tmp", "b/7");
        using FileSystemStoragePathSource source = Source(0, ("a", "a", ServableVersionPolicy.Default), ("b", "b", ServableVersionPolicy.Default));
        source.PollOnce();
        _emitted.ShouldBe([$"a: 2={_root}/a/00002", $"b: 7={_root}/b/7"]);
    }

    [Fact]
    public void PollOnce_SymbolicLinkAndFile_Count()
    {
        Make("elsewhere/x");
        Make("a/1");
        Directory.CreateSymbolicLink(Path.Combine(_root, "a/2"), Path.Combine(_root, "elsewhere/x"));
        File.WriteAllText(Path.Combine(_root, "a/3"), "");
        using FileSystemStoragePathSource source = Source(0, ("a", "a", new ServableVersionPolicy.All()));
        source.PollOnce();
        _emitted.ShouldBe([$"a: 1={_root}/a/1 2={_root}/a/2 3={_root}/a/3"]);
    }

    [Fact]
    public void PollOnce_OneBasePathMissing_BlocksAll()
    {
        Make("b/7");
        using FileSystemStoragePathSource source = Source(0, ("b", "b", ServableVersionPolicy.Default), ("a", "a", ServableVersionPolicy.Default));
        source.PollOnce();
        _emitted.ShouldBeEmpty();
        _log.Lines.ShouldBe(
            [$"E file_system_storage_path_source.cc] FileSystemStoragePathSource encountered a filesystem access error: Could not find base path {_root}/a for servable a with error NOT_FOUND: {_root}/a not found"]);

        Make("a/1");
        source.PollOnce();
        _emitted.ShouldBe([$"b: 7={_root}/b/7", $"a: 1={_root}/a/1"]);
    }

    [Fact]
    public void PollOnce_BasePathIsAFile_BlocksAll()
    {
        File.WriteAllText(Path.Combine(_root, "a"), "");
        using FileSystemStoragePathSource source = Source(0, ("a", "a", ServableVersionPolicy.Default));
        source.PollOnce();
        _emitted.ShouldBeEmpty();
        _log.Lines[0].ShouldEndWith($"{_root}/a; Not a directory");
    }

    [Fact]
    public void PollOnce_SpecificNone_EmptyListAndOneWarning()
    {
        Make("a/1");
        using FileSystemStoragePathSource source = Source(0, ("a", "a", new ServableVersionPolicy.Specific([])));
        source.PollOnce();
        _emitted.ShouldBe(["a:"]);
        _log.Lines.ShouldBe(["W file_system_storage_path_source.cc] No specific versions requested for servable a."]);
    }

    [Fact]
    public void PollOnce_SpecificTwice_IsEmittedTwice()
    {
        Make("a/30", "a/42");
        using FileSystemStoragePathSource source = Source(0, ("a", "a", new ServableVersionPolicy.Specific([30, 30])));
        source.PollOnce();
        _emitted.ShouldBe([$"a: 30={_root}/a/30 30={_root}/a/30"]);
    }

    [Fact]
    public void PollOnce_FileUri_KeepsItsScheme()
    {
        Make("a/1");
        using FileSystemStoragePathSource source = Source(0);
        source.Update([new MonitoredServable("a", $"file://{_root}/a", ServableVersionPolicy.Default)]);
        source.PollOnce();
        _emitted.ShouldBe([$"a: 1=file://{_root}/a/1"]);
    }

    [Fact]
    public void PollOnce_UnknownScheme_BlocksAll()
    {
        using FileSystemStoragePathSource source = Source(0);
        source.Update([new MonitoredServable("a", "s3://bucket/a", ServableVersionPolicy.Default)]);
        source.PollOnce();
        _emitted.ShouldBeEmpty();
        _log.Lines[0].ShouldContain("UNIMPLEMENTED: File system scheme 's3' not implemented (file: 's3://bucket/a')");
    }

    [Fact]
    public void Update_StreamDropped_EmptyListAtOnce()
    {
        Make("a/1");
        using FileSystemStoragePathSource source = Source(-1, ("a", "a", ServableVersionPolicy.Default));
        source.Start();
        source.Update([]);
        _emitted.ShouldBe(["a:"]);
    }

    [Fact]
    public async Task Start_Period_PollsByTheClock()
    {
        Make("a/1");
        var time = new ManualTimeProvider();
        var polled = new SemaphoreSlim(0);
        using var source = new FileSystemStoragePathSource(2, (_, _) => polled.Release(), time, _log);
        source.Update([new MonitoredServable("a", Path.Combine(_root, "a"), ServableVersionPolicy.Default)]);
        source.Start();
        (await polled.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue("the first poll did not come");
        time.UntilArmed("the first pause");
        time.Advance(TimeSpan.FromSeconds(1));
        polled.CurrentCount.ShouldBe(0);
        time.Advance(TimeSpan.FromSeconds(1));
        (await polled.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue("the second poll did not come");
    }

    private void Make(params string[] directories)
    {
        foreach (string directory in directories)
        {
            Directory.CreateDirectory(Path.Combine(_root, directory));
        }
    }

    private FileSystemStoragePathSource Source(int period, params (string Name, string Path, ServableVersionPolicy Policy)[] servables)
    {
        var source = new FileSystemStoragePathSource(
            period,
            (name, versions) => _emitted.Add($"{name}:" + string.Concat(versions.Select(version => $" {version.Version}={version.Path}"))),
            TimeProvider.System,
            _log);
        source.Update([.. servables.Select(servable => new MonitoredServable(servable.Name, Path.Combine(_root, servable.Path), servable.Policy))]);
        return source;
    }
}
