using System.Text.Json;
using SharpServing.TestSupport;
using SharpServing.Tensors;

namespace SharpServing.Verification.Tests;

public sealed class GoldenDataTests
{
    [Theory]
    [InlineData("""{"dtype":"float32","shape":[2],"data":"AACAPwAAAEA="}""", 1.0, 2.0)]
    [InlineData("""{"dtype":"float32_ref","shape":[2],"data":"AACAPwAAAEA="}""", 1.0, 2.0)]
    [InlineData("""{"dtype":"bool","shape":[2],"data":"AQA="}""", 1.0, 0.0)]
    [InlineData("""{"dtype":"float32","shape":[253],"ramp":true}""", 0.0, 1 / 251f)]
    [InlineData("""{"dtype":"int64","shape":[200],"ramp":true}""", 0.0, 1.0)]
    [InlineData("""{"dtype":"uint8","shape":[3],"ramp":true}""", 0.0, 1.0)]
    [InlineData("""{"dtype":"float16","shape":[2],"fill":-3}""", -3.0, -3.0)]
    public void Read_EveryForm_GivesItsValues(string json, double first, double second)
    {
        GoldenTensor tensor = Tensor(json);
        double[] values = PlainValues.All(tensor.Type, tensor.Values!.Bytes);
        values.Length.ShouldBe((int)tensor.Shape!.Value.ElementCount);
        values[..2].ShouldBe([first, second]);
    }

    [Fact]
    public void Read_Ramp_StartsAgain()
    {
        GoldenTensor floats = Tensor("""{"dtype":"float32","shape":[252],"ramp":true}""");
        PlainValues.All(floats.Type, floats.Values!.Bytes)[250..].ShouldBe([250 / 251f, 0.0]);
        GoldenTensor ints = Tensor("""{"dtype":"int32","shape":[98],"ramp":true}""");
        PlainValues.All(ints.Type, ints.Values!.Bytes)[96..].ShouldBe([96.0, 0.0]);
    }

    [Fact]
    public void Read_Strings_BothForms()
    {
        GoldenTensor tensor = Tensor("""{"dtype":"string","shape":[2],"data":["é",{"b64":"AP8="}]}""");
        tensor.Values!.Text(0).ShouldBe("é");
        tensor.Values.String(1).ToArray().ShouldBe(new byte[] { 0, 0xFF });
    }

    [Theory]
    [InlineData("""{"dtype":"float32","shape":[2],"data":"AACAPw=="}""")]
    [InlineData("""{"dtype":"string","shape":[2],"data":["a"]}""")]
    [InlineData("""{"dtype":"float33","shape":[]}""")]
    public void Read_NotATensor_Throws(string json) => Should.Throw<FormatException>(() => Tensor(json));

    [Theory]
    [InlineData("AACAPwAAwH8=", "AACAPwAAwP8=", 0, 0, true)]
    [InlineData("AAAAAAAAgD8=", "AAAAgAAAgD8=", 0, 0, false)]
    [InlineData("AAAAAAAAgD8=", "AAAAgAAAgD8=", 0, 1e-30, true)]
    [InlineData("AACAPwAAgH8=", "AQCAPwAAgH8=", 1e-6, 0, true)]
    [InlineData("AACAPwAAgH8=", "AQCAPwAAgH8=", 0, 0, false)]
    [InlineData("AACAPwAAgH8=", "AACAPwAAgP8=", 1, 1, false)]
    [InlineData("AACAPwAAwH8=", "AACAPwAAgD8=", 1, 1, false)]
    public void Compare_Floats_ByTolerance(string expected, string actual, double rtol, double atol, bool isSame)
    {
        GoldenTensor wanted = Tensor($$"""{"dtype":"float32","shape":[2],"data":"{{expected}}"}""");
        GoldenTensor got = Tensor($$"""{"dtype":"float32","shape":[2],"data":"{{actual}}"}""");
        (TensorComparer.Compare(wanted, got.Values!, rtol, atol, GoldenCheck.Values) is null).ShouldBe(isSame);
        TensorComparer.Compare(wanted, got.Values!, rtol, atol, GoldenCheck.Shape).ShouldBeNull();
    }

    [Fact]
    public void Compare_TypeShapeAndOrder()
    {
        GoldenTensor wanted = Tensor("""{"dtype":"int32","shape":[2],"data":"AQAAAAIAAAA="}""");
        using var swapped = new Owned(SharpServing.Tensors.Tensor.FromArray<int>([2, 1], new Shape(2)));
        TensorComparer.Compare(wanted, swapped.Tensor, 0, 0, GoldenCheck.Values)!.ShouldStartWith("[0] is 2, expected 1");
        TensorComparer.Compare(wanted, swapped.Tensor, 0, 0, GoldenCheck.Unordered).ShouldBeNull();
        using var longs = new Owned(SharpServing.Tensors.Tensor.FromArray<long>([1, 2], new Shape(2)));
        TensorComparer.Compare(wanted, longs.Tensor, 0, 0, GoldenCheck.Shape).ShouldBe("type int64, expected int32");
        using var matrix = new Owned(SharpServing.Tensors.Tensor.FromArray<int>([1, 2], new Shape(1, 2)));
        TensorComparer.Compare(wanted, matrix.Tensor, 0, 0, GoldenCheck.Shape).ShouldBe("shape [1,2], expected [2]");
    }

    [Fact]
    public void Compare_Summary_FindsADifferenceAnywhere()
    {
        var values = new float[1000];
        Array.Fill(values, 1f);
        var golden = new GoldenTensor
        {
            Type = DType.Float,
            Shape = new Shape(1000),
            Summary = new GoldenSummary(Bytes([1f, 1f]), 100, Bytes([1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f, 1f]), 1000, 1000),
        };
        Check().ShouldBeNull();
        values[300] = 2;
        Check()!.ShouldStartWith("sample [3] is 2");
        values[300] = 1;
        values[555] = 3;
        Check()!.ShouldStartWith("sums 1002");

        string? Check()
        {
            using var owned = new Owned(SharpServing.Tensors.Tensor.FromArray<float>(values, new Shape(1000)));
            return TensorComparer.Compare(golden, owned.Tensor, 1e-6, 0, GoldenCheck.Values);
        }
    }

    [Theory]
    [InlineData("INVALID_ARGUMENT", "bad x", "bad x", true)]
    [InlineData("INVALID_ARGUMENT", "bad x\n\t [[{{node y}}]]", "bad x", true)]
    [InlineData("INVALID_ARGUMENT", "{{function_node __inference_f_1}} {{function_node g}} bad x\n\t [[{{node y}}]]\n\t [[z]]", "bad x", true)]
    [InlineData("INVALID_ARGUMENT", "bad y", "bad x", false)]
    [InlineData("INTERNAL", "bad x", "bad x", false)]
    public void Compare_Error_WithoutWhatTheExecutorAdds(string code, string text, string expected, bool isSame)
    {
        StatusCodeNames.TryParse(code, out StatusCode parsed).ShouldBeTrue();
        var golden = new GoldenError { Code = StatusCode.InvalidArgument, Messages = [expected] };
        (new ErrorTexts(full: false).Compare(golden, new ServingStatus(parsed, text)) is null).ShouldBe(isSame);
    }

    [Fact]
    public void EveryGoldenTensor_OfTheSharedData_IsRead()
    {
        int count = 0;
        foreach (string file in Directory.EnumerateFiles(SharedData.PathOf("golden", "ops"), "*.json"))
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllBytes(file));
            foreach (JsonElement json in document.RootElement.GetProperty("cases").EnumerateArray())
            {
                GoldenAnswer answer = GoldenAnswerReader.Read(json);
                (answer.Outputs is null).ShouldBe(answer.Error is not null);
                count += answer.Outputs?.Count ?? 1;
            }
        }

        count.ShouldBeGreaterThan(20_000);
    }

    private static GoldenTensor Tensor(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return GoldenTensorReader.Read(document.RootElement);
    }

    private static byte[] Bytes(float[] values) => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    private sealed class Owned(Tensor tensor) : IDisposable
    {
        public Tensor Tensor { get; } = tensor;

        public void Dispose() => Tensor.Release();
    }
}
