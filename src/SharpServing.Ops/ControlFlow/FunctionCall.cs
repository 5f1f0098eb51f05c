using System.Buffers;
using SharpServing.Runtime.Execution;
using SharpServing.Runtime.Planning;
using SharpServing.Runtime.Registry;
using SharpServing.Tensors;
using Tensorflow;

namespace SharpServing.Ops.ControlFlow;

/// <summary>A function as one node calls it: the node's inputs from some index on are its arguments, its results the node's outputs.</summary>
internal sealed class FunctionCall
{
    private readonly CompiledFunction? _function;
    private readonly ServingStatus _mismatch;
    private readonly int _first;
    private readonly int _argumentCount;

    private FunctionCall(CompiledFunction? function, ServingStatus mismatch, int first, int argumentCount)
    {
        _function = function;
        _mismatch = mismatch;
        _first = first;
        _argumentCount = argumentCount;
    }

    /// <summary>Compiles a branch of If or Case. One that does not go with its node fails when it is taken.</summary>
    public static FunctionCall Branch(KernelBuilder builder, NameAttrList function, Tensor?[] constants)
    {
        (DType[] arguments, DType[] results) = builder.TypesOf(function);
        ServingStatus mismatch = CheckArguments(builder, arguments, 1);
        if (mismatch.IsOk)
        {
            mismatch = CheckResults(builder, results);
        }

        return mismatch.IsOk
            ? new FunctionCall(builder.Compile(function, constants), mismatch, 1, builder.InputCount - 1)
            : new FunctionCall(null, mismatch, 1, builder.InputCount - 1);
    }

    /// <summary>Compiles the function of a call that was not inlined.</summary>
    public static FunctionCall Plain(KernelBuilder builder, NameAttrList function)
    {
        (DType[] arguments, DType[] results) = builder.TypesOf(function);
        ServingStatus mismatch = CheckArguments(builder, arguments, 0);
        for (int i = 0; i < builder.OutputCount && mismatch.IsOk; i++)
        {
            if (i >= results.Length)
            {
                mismatch = ServingStatus.Internal($"Missing {i}-th output from {builder.Node.Name}");
            }
            else if (results[i] != builder.OutputType(i))
            {
                mismatch = ServingStatus.Internal(
                    $"Output {i} of type {results[i].ToName()} does not match declared output type {builder.OutputType(i).ToName()} for node {{{{node {builder.Node.Name}}}}}");
            }
        }

        return new FunctionCall(mismatch.IsOk ? builder.Compile(function) : null, mismatch, 0, builder.InputCount);
    }

    /// <summary>What a call with this node's inputs is answered with.</summary>
    public static ServingStatus CheckArguments(KernelBuilder builder, DType[] expected, int first)
    {
        int count = builder.InputCount - first;
        if (count != expected.Length)
        {
            return ServingStatus.InvalidArgument($"Expects {expected.Length} arguments, but {count} is provided");
        }

        for (int i = 0; i < count; i++)
        {
            if (expected[i] != builder.InputType(first + i))
            {
                return ServingStatus.InvalidArgument(
                    $"Expects arg[{i}] to be {expected[i].ToName()} but {builder.InputType(first + i).ToName()} is provided");
            }
        }

        return ServingStatus.Ok;
    }

    public void Run(OpContext context)
    {
        if (!_mismatch.IsOk)
        {
            throw new StatusException(_mismatch);
        }

        int results = _function!.ResultCount;
        Tensor?[] buffer = ArrayPool<Tensor?>.Shared.Rent(_argumentCount + results);
        Span<Tensor?> arguments = buffer.AsSpan(0, _argumentCount);
        Span<Tensor?> answers = buffer.AsSpan(_argumentCount, results);
        try
        {
            for (int i = 0; i < _argumentCount; i++)
            {
                arguments[i] = context.Take(_first + i);
            }

            _function.RunMoved(arguments, answers, context.Run);
            for (int i = 0; i < results; i++)
            {
                if (i < context.OutputCount)
                {
                    context.SetOutput(i, answers[i]!);
                }
                else
                {
                    answers[i]!.Release();
                }
            }
        }
        finally
        {
            buffer.AsSpan(0, _argumentCount + results).Clear();
            ArrayPool<Tensor?>.Shared.Return(buffer);
        }
    }

    private static ServingStatus CheckResults(KernelBuilder builder, DType[] given)
    {
        if (given.Length != builder.OutputCount)
        {
            return ServingStatus.Internal($"Expect to produce {builder.OutputCount} tensors, but only get {given.Length}");
        }

        for (int i = 0; i < builder.OutputCount; i++)
        {
            if (given[i] != builder.OutputType(i))
            {
                return ServingStatus.Internal(
                    $"Expect {i}-th output is of type {builder.OutputType(i).ToName()} but get {given[i].ToName()}");
            }
        }

        return ServingStatus.Ok;
    }
}
