using SharpServing.Tensors;
using Tensorflow;
using Tensorflow.Serving;

namespace SharpServing.Server.Tests.Grpc;

/// <summary>A random Predict: its tensors, and the message that says them.</summary>
internal sealed class RandomRequest : IDisposable
{
    private static readonly string[] Names = ["", "x", "y", "a longer name of an input", "größe", "x/y:0", new('n', 70)];

    public RandomRequest(Random random)
    {
        Message.ModelSpec = new ModelSpec { Name = Pick(random), SignatureName = Pick(random) };
        switch (random.Next(4))
        {
            case 0:
                Message.ModelSpec.Version = random.NextInt64(long.MinValue, long.MaxValue);
                break;
            case 1:
                Message.ModelSpec.VersionLabel = Pick(random);
                break;
            default:
                break;
        }

        Message.OutputFilter.Add(Enumerable.Range(0, random.Next(3)).Select(_ => Pick(random)));
        for (int i = random.Next(4); i > 0; i--)
        {
            string name = Pick(random);
            if (!Tensors.ContainsKey(name))
            {
                Tensor tensor = RandomTensors.Make(RandomTensors.Types[random.Next(RandomTensors.Types.Length)], random);
                Tensors.Add(name, tensor);
                Message.Inputs[name] = TensorProto.Parser.ParseFrom(RandomTensors.Write(tensor, asContent: random.Next(2) == 0));
            }
        }
    }

    public PredictRequest Message { get; } = new();

    public Dictionary<string, Tensor> Tensors { get; } = [];

    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
        {
            tensor.Release();
        }
    }

    private static string Pick(Random random) => Names[random.Next(Names.Length)];
}
