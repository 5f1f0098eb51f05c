using SharpServing.Server.Rest.Json;

namespace SharpServing.Server.Rest;

/// <summary>What the bodies of all methods begin with: an object, and in it <c>signature_name</c>.</summary>
internal static class JsonSignatureName
{
    /// <param name="root">The body.</param>
    /// <param name="name">Empty: none was named.</param>
    public static ServingStatus TryRead(JsonValue root, out string name)
    {
        name = "";
        if (!root.IsObject)
        {
            return RestFaults.Quoting(root, "Is not object");
        }

        if (root.TryGetMember("signature_name"u8, out JsonValue value))
        {
            if (value.Kind != JsonKind.String)
            {
                return RestFaults.Quoting(root, "not formatted correctly. 'signature_name' key must be a string value.");
            }

            name = StatusText.FromBytes(value.String);
        }

        return ServingStatus.Ok;
    }
}
