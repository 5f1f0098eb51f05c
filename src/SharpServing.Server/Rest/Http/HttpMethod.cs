namespace SharpServing.Server.Rest.Http;

/// <summary>Methods that libevent knows; the names are case-sensitive.</summary>
internal enum HttpMethod
{
    Unknown,
    Get,
    Post,
    Head,
    Put,
    Delete,
    Options,
    Patch,
    Trace,
    Connect,
}
