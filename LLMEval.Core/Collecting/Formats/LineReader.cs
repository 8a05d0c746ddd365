using System.Buffers;

namespace LLMEval.Core.Collecting.Formats;

/// <summary>Reads a stream line by line as bytes, holding one line at a time and never more than the limit: of a longer line only the beginning is kept, the rest is passed over.</summary>
internal sealed class LineReader(Stream stream, int maxLineBytes) : IDisposable
{
    private const int FirstBuffer = 128 * 1024;
    private const int KeptOfLongLine = 64 * 1024;

    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(FirstBuffer);
    private int _start;
    private int _end;
    private bool _isAtEnd;

    /// <summary>Number of the line in <see cref="Line"/>, from 1; blank lines count.</summary>
    public long Number { get; private set; }

    /// <summary>The line without its line end, valid until the next read; only its beginning when <see cref="IsTooLong"/>.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    public bool IsTooLong { get; private set; }

    /// <summary>Bytes up to the end of the line, line ends included.</summary>
    public long Position { get; private set; }

    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        IsTooLong = false;
        var searched = 0;
        while (true)
        {
            var found = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (found >= 0)
            {
                return Take(searched + found, lineEnd: 1);
            }
            searched = _end - _start;
            if (_isAtEnd)
            {
                return searched > 0 && Take(searched, lineEnd: 0);
            }
            if (searched > maxLineBytes)
            {
                await PassOverAsync(cancellationToken);
                return true;
            }
            MakeRoom();
            await FillAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = [];
        }
    }

    private bool Take(int length, int lineEnd)
    {
        var line = _buffer.AsMemory(_start, length);
        Number++;
        Position += length + lineEnd;
        _start += length + lineEnd;
        if (Number == 1 && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }
        if (line.Length > 0 && line.Span[^1] == (byte)'\r')
        {
            line = line[..^1];
        }
        IsTooLong = line.Length > maxLineBytes;
        Line = IsTooLong ? line[..Math.Min(line.Length, KeptOfLongLine)] : line;
        return true;
    }

    private async ValueTask PassOverAsync(CancellationToken cancellationToken)
    {
        var kept = _buffer.AsSpan(_start, Math.Min(KeptOfLongLine, _end - _start)).ToArray();
        Number++;
        while (true)
        {
            var found = _buffer.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            var passed = found >= 0 ? found + 1 : _end - _start;
            Position += passed;
            _start += passed;
            if (found >= 0 || _isAtEnd)
            {
                break;
            }
            _start = _end = 0;
            await FillAsync(cancellationToken);
        }
        Line = kept;
        IsTooLong = true;
    }

    private void MakeRoom()
    {
        if (_end < _buffer.Length)
        {
            return;
        }
        if (_end - _start <= _buffer.Length / 2)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
            _buffer.AsSpan(_start, _end - _start).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        _end -= _start;
        _start = 0;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _isAtEnd = read == 0;
    }
}
