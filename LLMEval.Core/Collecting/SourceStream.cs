using System.IO.Compression;

namespace LLMEval.Core.Collecting;

/// <summary>Counts what is taken from a source, and gives back the first bytes that were looked at to tell what it is.</summary>
internal sealed class SourceStream(Stream source) : Stream
{
    private readonly byte[] _head = new byte[2];
    private int _headLength;
    private int _headTaken;

    public long BytesRead { get; private set; }

    /// <summary>The source's content, decompressed when its first two bytes are gzip's.</summary>
    public async Task<Stream> OpenAsync(CancellationToken cancellationToken)
    {
        _headLength = await source.ReadAtLeastAsync(_head, _head.Length, throwOnEndOfStream: false, cancellationToken);
        BytesRead = _headLength;
        return _headLength == 2 && _head is [0x1f, 0x8b] ? new GZipStream(this, CompressionMode.Decompress, leaveOpen: true) : this;
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_headTaken < _headLength && buffer.Length > 0)
        {
            var length = Math.Min(_headLength - _headTaken, buffer.Length);
            _head.AsMemory(_headTaken, length).CopyTo(buffer);
            _headTaken += length;
            return length;
        }
        var read = await source.ReadAsync(buffer, cancellationToken);
        BytesRead += read;
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => false;
    public override long Length => throw new NotSupportedException();
    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush()
    {
    }
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}
