using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace SharpServing.Server.Grpc;

/// <summary>Headers of a call that are the caller's own: nothing here reads them, but those named <c>…-bin</c> must be base64.</summary>
internal static class GrpcMetadata
{
    private static readonly SearchValues<char> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    public static bool IsValid(IHeaderDictionary headers)
    {
        // What every client sends: nothing of it is the caller's own, so that the headers need not be gone through.
        int known = (headers.Host.Count > 0 ? 1 : 0)
            + (headers.TE.Count > 0 ? 1 : 0)
            + (headers.ContentType.Count > 0 ? 1 : 0)
            + (headers.UserAgent.Count > 0 ? 1 : 0)
            + (headers.GrpcTimeout.Count > 0 ? 1 : 0)
            + (headers.GrpcEncoding.Count > 0 ? 1 : 0)
            + (headers.GrpcAcceptEncoding.Count > 0 ? 1 : 0)
            + (headers.ContentLength.HasValue ? 1 : 0);
        return headers.Count == known || AreValid(headers);
    }

    /// <summary>With or without padding; the bits that no byte takes are zero.</summary>
    internal static bool IsBase64(ReadOnlySpan<char> text)
    {
        text = text.TrimEnd('=');
        if (text.ContainsAnyExcept(Base64))
        {
            return false;
        }

        return (text.Length % 4) switch
        {
            0 => true,
            1 => false,
            2 => "AQgw".Contains(text[^1], StringComparison.Ordinal),
            _ => "AEIMQUYcgkosw048".Contains(text[^1], StringComparison.Ordinal),
        };
    }

    private static bool AreValid(IHeaderDictionary headers)
    {
        foreach ((string name, StringValues values) in headers)
        {
            if (!name.EndsWith("-bin", StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            foreach (string? value in values)
            {
                if (!IsBase64(value))
                {
                    return false;
                }
            }
        }

        return true;
    }
}
