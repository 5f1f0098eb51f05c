namespace SharpServing.Batching.Tests;

/// <summary>A task that knows which request it is a piece of, and which rows.</summary>
internal sealed record Item(int Request, int From, int Size) : IBatchTask
{
    public static IReadOnlyList<Item> Split(Item item, int first, int most)
    {
        var pieces = new List<Item>();
        int from = 0;
        for (int length = first > 0 ? first : most; from < item.Size; from += pieces[^1].Size, length = most)
        {
            pieces.Add(new Item(item.Request, item.From + from, Math.Min(length, item.Size - from)));
        }

        return pieces;
    }
}
