package io.shoal.bittorrent.bencode;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * Input of up to 2 GiB that arrived in pages. A large body is read, scanned and partly copied without ever lying in one array,
 * so it costs its own length of memory and no more. The pages must not change after construction.
 */
public final class PagedBytes {
    /** Bytes of every page but the last. */
    public static final int PAGE = 1 << PagedBytes.SHIFT;

    private static final int SHIFT = 16;
    private static final int WHOLE_SHIFT = 31;

    private final byte[][] pages;
    private final int shift;
    private final int mask;
    private final int length;

    private PagedBytes(byte[][] pages, int shift, int length) {
        this.pages = pages;
        this.shift = shift;
        this.mask = shift == WHOLE_SHIFT ? Integer.MAX_VALUE : (1 << shift) - 1;
        this.length = length;
    }

    /** A view of one array. */
    public static PagedBytes of(byte[] bytes) {
        return new PagedBytes(new byte[][] {bytes}, WHOLE_SHIFT, bytes.length);
    }

    /** A view of the first {@code length} bytes of {@code pages}, which have {@link #PAGE} bytes each. */
    public static PagedBytes of(List<byte[]> pages, int length) {
        int needed = (length + PAGE - 1) >>> SHIFT;
        if (length < 0 || pages.size() < needed) {
            throw new IllegalArgumentException(length + " bytes in " + pages.size() + " pages");
        }
        return new PagedBytes(pages.subList(0, needed).toArray(byte[][]::new), SHIFT, length);
    }

    /** Number of bytes. */
    public int length() {
        return length;
    }

    /** Returns the byte at {@code index}, which must be below {@link #length()}. */
    public byte at(int index) {
        return pages[index >>> shift][index & mask];
    }

    /** Returns a copy of the bytes from {@code from} to {@code to}, exclusive. */
    public byte[] copy(int from, int to) {
        Objects.checkFromToIndex(from, to, length);
        byte[] copy = new byte[to - from];
        copyTo(from, copy, 0, copy.length);
        return copy;
    }

    /** Returns {@code count} bytes from {@code from} as UTF-8 text, with malformed sequences replaced by U+FFFD. */
    public String text(int from, int count) {
        return new String(copy(from, from + count), StandardCharsets.UTF_8);
    }

    /** Returns a stream over all bytes. */
    public InputStream stream() {
        return new InputStream() {
            private int at;

            @Override
            public int read() {
                return at < length ? at(at++) & 0xff : -1;
            }

            @Override
            public int read(byte[] into, int offset, int count) {
                Objects.checkFromIndexSize(offset, count, into.length);
                if (at == length && count > 0) {
                    return -1;
                }
                int part = Math.min(count, length - at);
                copyTo(at, into, offset, part);
                at += part;
                return part;
            }

            @Override
            public int available() {
                return length - at;
            }
        };
    }

    private void copyTo(int from, byte[] into, int offset, int count) {
        int at = from;
        int done = 0;
        while (done < count) {
            byte[] page = pages[at >>> shift];
            int inPage = at & mask;
            int part = Math.min(count - done, page.length - inPage);
            System.arraycopy(page, inPage, into, offset + done, part);
            at += part;
            done += part;
        }
    }
}
