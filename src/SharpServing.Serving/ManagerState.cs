namespace SharpServing.Serving;

/// <summary>
/// Where a version stands, as <c>ModelVersionStatus.State</c> with the same numbers.
/// <code>Start → Loading → Available → Unloading → End;  Start or Loading → End with an error</code>
/// </summary>
public enum ManagerState
{
    Unknown = 0,
    Start = 10,
    Loading = 20,
    Available = 30,
    Unloading = 40,
    End = 50,
}
