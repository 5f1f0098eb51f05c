namespace SharpServing.Conformance.Tests.Rest;

[CollectionDefinition(nameof(BodyCollection))]
public sealed class BodyCollection : ICollectionFixture<BodyServer>;
