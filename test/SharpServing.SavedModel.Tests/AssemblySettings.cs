// Tests measure the allocator that the whole process shares.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
