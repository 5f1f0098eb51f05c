// Tests set the instruction set and the thread count of the process.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
