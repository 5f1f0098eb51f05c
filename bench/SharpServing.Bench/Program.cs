using BenchmarkDotNet.Running;
using SharpServing.Bench;

if (args is ["kernels", ..])
{
    KernelTable.Print(args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : 1);
}
else if (args is ["networks", _, ..])
{
    return NetworkTimes.Print(args[1..]);
}
else
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelTable).Assembly).Run(args);
}

return 0;
