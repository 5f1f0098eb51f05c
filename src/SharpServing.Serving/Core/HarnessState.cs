namespace SharpServing.Serving;

/// <summary>
/// States of one version inside the manager.
/// <code>
///                                  ┌──────────────────────────── Error ◄─────────────┐
///                                  │ (from LoadRequested, LoadApproved, Loading)     │
/// New → LoadRequested → LoadApproved → Loading → Ready → UnloadRequested → Quiescing → Quiesced → Unloading → Disabled
/// </code>
/// New, Error and Disabled are the resting states in which a version that is not aspired is forgotten.
/// </summary>
public enum HarnessState
{
    New,
    LoadRequested,
    LoadApproved,
    Loading,
    Ready,
    UnloadRequested,
    Quiescing,
    Quiesced,
    Unloading,
    Disabled,
    Error,
}
