package io.shoal.engine.files;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.shoal.bittorrent.PieceIndex;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.metainfo.FileEntry;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Pieces;
import io.shoal.engine.store.Store;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A torrent in files of its own, as other clients keep it. Storage room is never short, because files are sparse; each
 * byte is written to its final place, so nothing is moved when a piece is verified. Pad files are zeros that are not
 * stored.
 */
public final class FileStore implements Store, AutoCloseable {
    private static final int READ_BYTES = 1 << 20;

    private final Info info;
    private final Pieces pieces;
    private final Executor workers;
    private final List<Part> parts;
    private final BitSet held;
    private Executor loop = Runnable::run;

    /** A file of the torrent. */
    private record Part(FileEntry entry, @Nullable FileChannel channel) {}

    private enum Direction {
        READ {
            @Override
            void transfer(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
                for (long from = at; bytes.hasRemaining(); ) {
                    int read = channel.read(bytes, from);
                    if (read < 0) {
                        pad(bytes); // beyond the end of an incomplete file
                        return;
                    }
                    from += read;
                }
            }

            @Override
            void pad(ByteBuffer bytes) {
                while (bytes.hasRemaining()) {
                    bytes.put((byte) 0);
                }
            }
        },
        WRITE {
            @Override
            void transfer(FileChannel channel, ByteBuffer bytes, long at) throws IOException {
                for (long to = at; bytes.hasRemaining(); ) {
                    to += channel.write(bytes, to);
                }
            }

            @Override
            void pad(ByteBuffer bytes) {
                bytes.position(bytes.limit());
            }
        };

        /** Moves all of {@code bytes}. */
        abstract void transfer(FileChannel channel, ByteBuffer bytes, long at) throws IOException;

        /** As {@link #transfer}, where the torrent has zeros that are not stored. */
        abstract void pad(ByteBuffer bytes);
    }

    private FileStore(Info info, List<Part> parts, Executor workers) {
        this.info = info;
        this.pieces = info.pieces();
        this.parts = parts;
        this.workers = workers;
        this.held = new BitSet(pieces.count());
    }

    /**
     * Opens the files, creates missing ones, and verifies the pieces that exist: reads all existing bytes.
     *
     * @param paths one for each file of the torrent, in order; those of pad files are not used
     * @param workers runs reads; more than two at a time are of no use
     */
    public static FileStore open(Info info, List<Path> paths, Executor workers) throws IOException {
        List<Part> parts = new ArrayList<>();
        boolean any = false;
        for (FileEntry entry : info.files()) {
            if (entry.pad()) {
                parts.add(new Part(entry, null));
                continue;
            }
            Path path = paths.get(entry.index().value());
            any |= Files.exists(path) && Files.size(path) > 0;
            parts.add(new Part(entry, channel(path)));
        }
        FileStore store = new FileStore(info, List.copyOf(parts), workers);
        if (any) {
            store.check();
        }
        return store;
    }

    /**
     * As {@link #open}, for files under {@code directory} by their names in the torrent.
     *
     * @throws IOException also if a name would lead elsewhere
     */
    public static FileStore under(Info info, Path directory, Executor workers) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (FileEntry entry : info.files()) {
            Path path = info.singleFile() ? directory : directory.resolve(plain(info.name()));
            for (String component : entry.path()) {
                path = path.resolve(plain(component));
            }
            paths.add(path);
        }
        return open(info, paths, workers);
    }

    private static String plain(String name) throws IOException {
        if (name.isEmpty() || name.equals(".") || name.equals("..") || name.contains("/") || name.indexOf(0) >= 0) {
            throw new IOException("a name that is not one of a file: " + name);
        }
        return name;
    }

    private static FileChannel channel(Path path) throws IOException {
        if (Files.exists(path) && !Files.isWritable(path)) {
            return FileChannel.open(path, StandardOpenOption.READ);
        }
        Path parent = path.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    }

    private void check() throws IOException {
        MessageDigest digest = Sha1.digest();
        ByteBuffer buffer = ByteBuffer.allocate(Math.min(READ_BYTES, pieces.pieceLength()));
        for (int piece = 0; piece < pieces.count(); piece++) {
            for (int begin = 0; begin < pieces.length(piece); begin += buffer.limit()) {
                buffer.clear().limit(Math.min(buffer.capacity(), pieces.length(piece) - begin));
                readBack(piece, begin, buffer);
                digest.update(buffer.flip());
            }
            held.set(piece, info.verifies(new PieceIndex(piece), digest.digest()));
        }
    }

    @Override
    public void attach(Executor torrentsLoop, Listener listener) {
        loop = torrentsLoop; // storage room is never short and nothing is lost, so the listener is never called
    }

    @Override
    public BitSet held() {
        return (BitSet) held.clone();
    }

    @Override
    public boolean open(int piece) {
        return true;
    }

    @Override
    public boolean hasRoom(int piece) {
        return true;
    }

    @Override
    public void write(int piece, int begin, ByteBuffer bytes) throws IOException {
        transfer(piece, begin, bytes, Direction.WRITE);
    }

    @Override
    public void readBack(int piece, int begin, ByteBuffer into) throws IOException {
        transfer(piece, begin, into, Direction.READ);
    }

    @Override
    public boolean verified(int piece) {
        held.set(piece);
        return true;
    }

    @Override
    public void discard(int piece) {
        // the next attempt overwrites its bytes
    }

    @Override
    public void read(int piece, int begin, int length, Reader reader) {
        workers.execute(() -> {
            ByteBuf bytes = PooledByteBufAllocator.DEFAULT.directBuffer(length, length);
            try {
                readBack(piece, begin, bytes.internalNioBuffer(0, length));
                bytes.writerIndex(length);
            } catch (IOException e) {
                bytes.release();
                loop.execute(() -> reader.failed(e));
                return;
            }
            loop.execute(() -> reader.done(bytes));
        });
    }

    /** Closes the files. The engine calls this when the torrent is closed. */
    @Override
    public void close() {
        for (Part part : parts) {
            if (part.channel != null) {
                try {
                    part.channel.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Transfers bytes between {@code bytes} and the files, from {@code begin} of {@code piece} on. */
    private void transfer(int piece, int begin, ByteBuffer bytes, Direction direction) throws IOException {
        long at = pieces.offset(piece) + begin;
        int end = bytes.limit();
        for (int i = partAt(at); bytes.position() < end; i++) {
            Part part = parts.get(i);
            int length = (int) Math.min(end - bytes.position(), part.entry.end() - at);
            if (length <= 0) {
                continue;
            }
            bytes.limit(bytes.position() + length);
            if (part.channel != null) {
                direction.transfer(part.channel, bytes, at - part.entry.offset());
            } else {
                direction.pad(bytes);
            }
            at += length;
            bytes.limit(end);
        }
    }

    /** The first file that holds or follows the byte at {@code offset}. */
    private int partAt(long offset) {
        int low = 0;
        int high = parts.size() - 1;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (parts.get(middle).entry.end() > offset) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }
}
