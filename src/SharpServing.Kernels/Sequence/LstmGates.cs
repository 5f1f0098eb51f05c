using System.Runtime.InteropServices;

namespace SharpServing.Kernels;

/// <summary>Where each gate lies among the four blocks of an LSTM's sums.</summary>
/// <param name="Input">Block of the input gate.</param>
/// <param name="Forget">Block of the forget gate.</param>
/// <param name="Cell">Block of the new cell values.</param>
/// <param name="Output">Block of the output gate.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LstmGates(int Input, int Forget, int Cell, int Output)
{
    /// <summary>Input, forget, cell, output: Keras.</summary>
    public static LstmGates Keras => new(0, 1, 2, 3);

    /// <summary>Input, cell, forget, output: TensorFlow's LSTMBlockCell and BasicLSTMCell.</summary>
    public static LstmGates Block => new(0, 2, 1, 3);
}
