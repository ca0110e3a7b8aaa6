package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Creates metainfo (BEP 3) of readable content. Content is read once, when the metainfo is built, and never held in
 * memory as a whole. The result obeys every rule that {@link Metainfo#parse} checks.
 */
public final class MetainfoBuilder {
    /** Bytes read at once. */
    private static final int CHUNK = 256 << 10;

    /** About as many pieces as a torrent should have: more make its metainfo large, fewer make it slow to start. */
    private static final int MANY_PIECES = 2_048;

    private static final int SENSIBLE_MIN = 32 << 10;
    private static final int SENSIBLE_MAX = 16 << 20;

    private final String name;
    private final boolean singleFile;
    private final List<Entry> files = new ArrayList<>();
    private final List<List<String>> trackers = new ArrayList<>();
    private final List<String> webSeeds = new ArrayList<>();
    private @Nullable Integer pieceLength;
    private boolean isPrivate;
    private boolean aligned;

    private MetainfoBuilder(String name, boolean singleFile) {
        this.name = name;
        this.singleFile = singleFile;
    }

    private interface Content {
        InputStream open() throws IOException;
    }

    private record Entry(List<String> path, long length, boolean pad, Content content) {}

    /** A torrent of one file. */
    public static MetainfoBuilder ofFile(Path file) throws IOException {
        MetainfoBuilder builder = new MetainfoBuilder(fileName(file), true);
        builder.files.add(entry(List.of(builder.name), file));
        return builder;
    }

    /** A torrent of one file with this content. */
    public static MetainfoBuilder ofBytes(String name, byte[] content) {
        MetainfoBuilder builder = new MetainfoBuilder(name, true);
        builder.files.add(entry(List.of(name), content));
        return builder;
    }

    /** A torrent of all regular files below {@code folder}, in the order of their paths. Symbolic links are not followed. */
    public static MetainfoBuilder ofFolder(Path folder) throws IOException {
        MetainfoBuilder builder = new MetainfoBuilder(fileName(folder), false);
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path file : all.filter(MetainfoBuilder::isRegular).sorted().toList()) {
                builder.add(components(folder.relativize(file)), file);
            }
        }
        return builder;
    }

    /** A torrent with a folder, to which files are added. */
    public static MetainfoBuilder named(String name) {
        return new MetainfoBuilder(name, false);
    }

    /** Appends a file, to be read from {@code file}. */
    public MetainfoBuilder add(List<String> path, Path file) throws IOException {
        return append(entry(path, file));
    }

    /** Appends a file with this content. */
    public MetainfoBuilder add(List<String> path, byte[] content) {
        return append(entry(path, content));
    }

    /** Starts every file at a new piece, by pad files between them (BEP 47). */
    public MetainfoBuilder aligned() {
        aligned = true;
        return this;
    }

    /** Sets the piece length in bytes; otherwise {@link #sensiblePieceLength} decides. */
    public MetainfoBuilder pieceLength(int bytes) {
        pieceLength = bytes;
        return this;
    }

    /** Allows only the torrent's own trackers to supply peers (BEP 27). */
    public MetainfoBuilder makePrivate() {
        isPrivate = true;
        return this;
    }

    /** Appends a tier of announce URLs (BEP 12). */
    public MetainfoBuilder trackers(List<String> tier) {
        trackers.add(List.copyOf(tier));
        return this;
    }

    /** Appends the URL of a server that has the content (BEP 19). */
    public MetainfoBuilder webSeed(String url) {
        webSeeds.add(url);
        return this;
    }

    /** The power of two that makes about two thousand pieces of {@code total} bytes, from 32 KiB to 16 MiB. */
    public static int sensiblePieceLength(long total) {
        int length = SENSIBLE_MIN;
        while (length < SENSIBLE_MAX && total / length >= MANY_PIECES) {
            length *= 2;
        }
        return length;
    }

    /**
     * Reads all content and creates the metainfo.
     *
     * @throws IOException if content cannot be read, or its length has changed since it was added
     * @throws IllegalArgumentException if the metainfo would break a rule, which the message names
     */
    public Metainfo build() throws IOException {
        long total = files.stream().mapToLong(Entry::length).sum();
        int length = pieceLength == null ? sensiblePieceLength(total) : pieceLength;
        if (length < Limits.PIECE_LENGTH_MIN || length > Limits.PIECE_LENGTH_MAX) {
            throw new IllegalArgumentException("a piece has from 1 KiB to 128 MiB, not " + length + " bytes");
        }
        List<Entry> laidOut = aligned ? withPads(length) : files;
        Map<String, Object> info = new TreeMap<>();
        info.put("name", name);
        info.put("piece length", length);
        info.put("pieces", hash(laidOut, length));
        if (singleFile) {
            info.put("length", laidOut.getFirst().length());
        } else {
            info.put("files", laidOut.stream().map(MetainfoBuilder::described).toList());
        }
        if (isPrivate) {
            info.put("private", 1);
        }
        try {
            return new Metainfo(Info.parse(BencodeEncoder.encode(info)), trackers, webSeeds);
        } catch (MetainfoException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private MetainfoBuilder append(Entry entry) {
        if (singleFile) {
            throw new IllegalStateException("a torrent of one file, made from it");
        }
        files.add(entry);
        return this;
    }

    private List<Entry> withPads(int pieceLength) {
        List<Entry> padded = new ArrayList<>();
        long missing = 0;
        for (Entry file : files) {
            if (missing > 0) {
                padded.add(pad((int) missing));
            }
            padded.add(file);
            missing = (pieceLength - file.length() % pieceLength) % pieceLength;
        }
        return padded;
    }

    private static Entry pad(int zeros) {
        List<String> path = List.of(".pad", Integer.toString(zeros));
        return new Entry(path, zeros, true, () -> new ByteArrayInputStream(new byte[zeros]));
    }

    private static Map<String, Object> described(Entry file) {
        Map<String, Object> entry = new TreeMap<>();
        entry.put("length", file.length());
        entry.put("path", file.path());
        if (file.pad()) {
            entry.put("attr", "p");
        }
        return entry;
    }

    private static byte[] hash(List<Entry> files, int pieceLength) throws IOException {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        MessageDigest sha1 = Sha1.digest();
        byte[] chunk = new byte[CHUNK];
        int inPiece = 0;
        for (Entry file : files) {
            long left = file.length();
            try (InputStream in = file.content().open()) {
                while (left > 0) {
                    int most = (int) Math.min(Math.min(chunk.length, left), pieceLength - inPiece);
                    int count = in.readNBytes(chunk, 0, most);
                    if (count < most) {
                        throw changed(file);
                    }
                    sha1.update(chunk, 0, count);
                    left -= count;
                    inPiece += count;
                    if (inPiece == pieceLength) {
                        hashes.writeBytes(sha1.digest());
                        inPiece = 0;
                    }
                }
                if (in.read() >= 0) {
                    throw changed(file);
                }
            }
        }
        if (inPiece > 0) {
            hashes.writeBytes(sha1.digest());
        }
        return hashes.toByteArray();
    }

    private static IOException changed(Entry file) {
        return new IOException(String.join("/", file.path()) + " changed its length while it was read");
    }

    private static Entry entry(List<String> path, Path file) throws IOException {
        return new Entry(List.copyOf(path), Files.size(file), false, () -> Files.newInputStream(file));
    }

    private static Entry entry(List<String> path, byte[] content) {
        byte[] copy = content.clone();
        return new Entry(List.copyOf(path), copy.length, false, () -> new ByteArrayInputStream(copy));
    }

    private static boolean isRegular(Path path) {
        return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }

    private static List<String> components(Path relative) {
        return StreamSupport.stream(relative.spliterator(), false)
                .map(Path::toString)
                .toList();
    }

    private static String fileName(Path path) {
        Path name = path.toAbsolutePath().normalize().getFileName();
        if (name == null) {
            throw new IllegalArgumentException("the root folder has no name for a torrent");
        }
        return name.toString();
    }
}
