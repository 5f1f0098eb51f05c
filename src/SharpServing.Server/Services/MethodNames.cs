namespace SharpServing.Server.Services;

/// <summary>Values of SignatureDef.method_name, and the refusals when their check is on.</summary>
internal static class MethodNames
{
    public const string Predict = "tensorflow/serving/predict";
    public const string Classify = "tensorflow/serving/classify";
    public const string Regress = "tensorflow/serving/regress";

    public static bool IsPredictable(string method) => method is Predict or Classify or Regress;

    public static ServingStatus NotPredictable(string method) => ServingStatus.Internal(
        $"Expected prediction signature method_name to be one of {{{Predict}, {Classify}, {Regress}}}. Was: {method}");
}
