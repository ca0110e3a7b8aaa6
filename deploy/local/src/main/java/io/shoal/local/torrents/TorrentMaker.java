package io.shoal.local.torrents;

import io.shoal.bittorrent.bencode.BencodeEncoder;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/**
 * Makes a .torrent (BEP 3) of one file, or of all files in a folder in the order of their paths.
 *
 * @param content a file or a folder
 * @param pieceLength in bytes
 * @param trackers announce URLs, each a tier of its own (BEP 12)
 * @param isPrivate whether only its trackers may give peers (BEP 27)
 */
public record TorrentMaker(Path content, int pieceLength, List<String> trackers, boolean isPrivate) {
    public TorrentMaker {
        trackers = List.copyOf(trackers);
    }

    /** A public torrent in pieces of 1 MiB. */
    public static TorrentMaker of(Path content, List<String> trackers) {
        return new TorrentMaker(content, 1 << 20, trackers, false);
    }

    /** The bytes of the .torrent; reads all of the content. */
    public byte[] make() throws IOException {
        Map<String, Object> info = new TreeMap<>();
        info.put("name", content.getFileName().toString());
        info.put("piece length", pieceLength);
        if (isPrivate) {
            info.put("private", 1);
        }
        List<Path> files = files();
        if (Files.isDirectory(content)) {
            info.put("files", entries(files));
        } else {
            info.put("length", Files.size(content));
        }
        info.put("pieces", hashes(files));
        Map<String, Object> root = new TreeMap<>();
        if (!trackers.isEmpty()) {
            root.put("announce", trackers.getFirst());
            root.put("announce-list", trackers.stream().map(List::of).toList());
        }
        root.put("info", info);
        return BencodeEncoder.encode(root);
    }

    /** The files that it is made of, in the torrent's order. */
    public List<Path> files() throws IOException {
        if (!Files.isDirectory(content)) {
            return List.of(content);
        }
        try (Stream<Path> all = Files.walk(content)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<Map<String, Object>> entries(List<Path> files) throws IOException {
        List<Map<String, Object>> entries = new ArrayList<>();
        for (Path file : files) {
            List<String> path = StreamSupport.stream(content.relativize(file).spliterator(), false)
                    .map(Path::toString)
                    .toList();
            entries.add(Map.of("length", Files.size(file), "path", path));
        }
        return entries;
    }

    private byte[] hashes(List<Path> files) throws IOException {
        ByteArrayOutputStream hashes = new ByteArrayOutputStream();
        MessageDigest sha1 = sha1();
        byte[] buffer = new byte[1 << 16];
        int inPiece = 0;
        for (Path file : files) {
            try (InputStream in = Files.newInputStream(file)) {
                for (int n = in.read(buffer, 0, room(buffer, inPiece)); n > 0; n = in.read(buffer, 0, room(buffer, inPiece))) {
                    sha1.update(buffer, 0, n);
                    inPiece += n;
                    if (inPiece == pieceLength) {
                        hashes.writeBytes(sha1.digest());
                        inPiece = 0;
                    }
                }
            }
        }
        if (inPiece > 0) {
            hashes.writeBytes(sha1.digest());
        }
        return hashes.toByteArray();
    }

    private int room(byte[] buffer, int inPiece) {
        return Math.min(buffer.length, pieceLength - inPiece);
    }

    private static MessageDigest sha1() {
        try {
            return MessageDigest.getInstance("SHA-1");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-1", e);
        }
    }
}
