using System.Buffers.Binary;

namespace LLMEval.Core.Search;

/// <summary>
/// A block's bytes: for each term, ascending, the term (4 bytes, little endian), a varint of the length that follows times two plus the form, and the positions. Form 0 is varints of
/// the gaps between positions; form 1, taken where it is shorter, is a bitmap, so that no term of a segment costs more than a bit a message.
/// </summary>
internal static class Postings
{
    public static void Write(MemoryStream into, uint term, ReadOnlySpan<int> positions, int messages)
    {
        Span<byte> head = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(head, term);
        into.Write(head);
        var previous = -1;
        var length = 0;
        foreach (var position in positions)
        {
            length += VarintLength((uint)(position - previous - 1));
            previous = position;
        }
        var bitmapLength = (messages + 7) / 8;
        if (length <= bitmapLength)
        {
            WriteVarint(into, (uint)length << 1);
            previous = -1;
            foreach (var position in positions)
            {
                WriteVarint(into, (uint)(position - previous - 1));
                previous = position;
            }
            return;
        }
        WriteVarint(into, ((uint)bitmapLength << 1) | 1);
        var bitmap = new byte[bitmapLength];
        foreach (var position in positions)
        {
            bitmap[position >> 3] |= (byte)(1 << (position & 7));
        }
        into.Write(bitmap);
    }

    /// <summary>Sets the bits of the messages that have the term; false when none has.</summary>
    public static bool Read(ReadOnlySpan<byte> block, uint term, ulong[] bits)
    {
        while (block.Length >= 4)
        {
            var found = BinaryPrimitives.ReadUInt32LittleEndian(block);
            block = block[4..];
            var head = ReadVarint(ref block);
            var body = block[..(int)(head >> 1)];
            block = block[body.Length..];
            if (found < term)
            {
                continue;
            }
            if (found > term)
            {
                return false;
            }
            Set(body, isBitmap: (head & 1) == 1, bits);
            return true;
        }
        return false;
    }

    public static void WriteVarint(MemoryStream into, uint value)
    {
        while (value >= 0x80)
        {
            into.WriteByte((byte)(value | 0x80));
            value >>= 7;
        }
        into.WriteByte((byte)value);
    }

    public static uint ReadVarint(ref ReadOnlySpan<byte> bytes)
    {
        var value = 0u;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[0];
            bytes = bytes[1..];
            value |= (uint)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static void Set(ReadOnlySpan<byte> body, bool isBitmap, ulong[] bits)
    {
        if (isBitmap)
        {
            for (var i = 0; i < body.Length; i++)
            {
                bits[i >> 3] |= (ulong)body[i] << ((i & 7) * 8);
            }
            return;
        }
        var position = -1;
        while (body.Length > 0)
        {
            position += (int)ReadVarint(ref body) + 1;
            bits[position >> 6] |= 1UL << (position & 63);
        }
    }

    private static int VarintLength(uint value) => value switch { < 1u << 7 => 1, < 1u << 14 => 2, < 1u << 21 => 3, < 1u << 28 => 4, _ => 5 };
}
