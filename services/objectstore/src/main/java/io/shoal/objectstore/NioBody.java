package io.shoal.objectstore;

import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * The remaining bytes of a buffer as the body of a request. The SDK takes a buffer of its own kind and asks it for length and
 * stream; ours reads straight from the caller's memory, direct or not, so that a segment is copied once: into the socket's
 * buffers. The stream may be asked for again, when a stale connection makes the client repeat a request.
 */
final class NioBody extends io.minio.ByteBuffer {
    private final ByteBuffer bytes;

    NioBody(ByteBuffer bytes) {
        super(bytes.remaining());
        this.bytes = bytes.slice();
    }

    @Override
    public long length() {
        return bytes.capacity();
    }

    @Override
    public InputStream inputStream() {
        ByteBuffer left = bytes.duplicate();
        return new InputStream() {
            @Override
            public int read() {
                return left.hasRemaining() ? left.get() & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int length) {
                if (!left.hasRemaining()) {
                    return -1;
                }
                int count = Math.min(length, left.remaining());
                left.get(into, offset, count);
                return count;
            }
        };
    }
}
