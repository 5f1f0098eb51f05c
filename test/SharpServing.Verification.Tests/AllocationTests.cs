using SharpServing.Ops;
using SharpServing.Runtime.Sessions;
using SharpServing.TestSupport;

namespace SharpServing.Verification.Tests;

/// <summary>
/// What a run allocates on the managed heap once it has run a few times: the objects of the tensors that it answers with, which go out to the
/// caller, and nothing for what lies between.
/// </summary>
[Collection(AloneCollection.Name)]
public sealed class AllocationTests
{
    /// <summary>One <see cref="Tensors.Tensor"/> object. Unit: bytes.</summary>
    private const int TensorBytes = 136;

    // What is left where the bound is above 0: 40 bytes for each right side of a product that is packed in the run (attention of Keras by Einsum);
    // the lists of tensors that an RNN holds its steps in.
    [Theory]
    [InlineData("half_plus_two_resource", 0)]
    [InlineData("linear_float64", 0)]
    [InlineData("multi_input_output", 0)]
    [InlineData("forty_inputs_outputs", 0)]
    [InlineData("mnist_dense_keras2", 0)]
    [InlineData("gen_2_21_keras_cnn", 0)]
    [InlineData("vgg_thin", 0)]
    [InlineData("xception_thin", 0)]
    [InlineData("zoo_kerasapps_efficientnet_v2_thin", 0)]
    [InlineData("control_flow_functional", 0)]
    [InlineData("control_flow_v1", 0)]
    [InlineData("switch_case", 0)]
    [InlineData("defun_v1", 0)]
    [InlineData("zoo_hf_bert_base", 0)]
    [InlineData("zoo_keras_transformer", 0)]
    [InlineData("zoo_hf_pegasus_forward", 0)]
    [InlineData("mobilenet_v2_035", 0)]
    [InlineData("efficientnet_b0", 0)]
    [InlineData("unet_small", 0)]
    [InlineData("vit_tiny", 80)]
    [InlineData("transformer_keras2", 688)]
    [InlineData("lstm_keras2", 2800)]
    public void Run_NumericModel_AllocatesOnlyItsAnswers(string model, int more)
    {
        var backend = new MeasuringBackend(new RuntimeBackend(OpCatalog.Registry, new GraphSessionOptions()));
        var report = new VerifyReport();
        var options = new VerifyOptions { Cache = SharedData.Cache, Timeout = TimeSpan.FromSeconds(30) };
        new Verifier(backend, options, report.Add).Run(SharedData.PathOf("golden", "models", model)).ShouldBeTrue();

        backend.Measured.ShouldNotBeEmpty();
        backend.Measured.Max(run => run.Bytes - (TensorBytes * run.Outputs)).ShouldBeLessThanOrEqualTo(more);
    }
}
