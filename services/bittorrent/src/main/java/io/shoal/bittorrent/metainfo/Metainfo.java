package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import io.shoal.bittorrent.bencode.BencodeScanner;
import io.shoal.bittorrent.bencode.BencodeScanner.Fields;
import io.shoal.bittorrent.bencode.PagedBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A .torrent: the info dictionary, and where to find a swarm for it.
 *
 * @param info what the swarm agrees on
 * @param trackers announce URLs in tiers (BEP 12); at most {@link Limits#TRACKERS} in all, of http, https and udp
 * @param webSeeds URLs of servers that have the files (BEP 19); at most {@link Limits#WEB_SEEDS}
 * @param about what it says about itself
 */
public record Metainfo(Info info, List<List<String>> trackers, List<String> webSeeds, About about) {
    private static final int INFO = 0;
    private static final int ANNOUNCE = 1;
    private static final int ANNOUNCE_LIST = 2;
    private static final int URL_LIST = 3;
    private static final int COMMENT = 4;
    private static final int CREATED_BY = 5;
    private static final int CREATION_DATE = 6;

    public Metainfo {
        trackers = trackers.stream().map(List::copyOf).toList();
        webSeeds = List.copyOf(webSeeds);
    }

    /** A .torrent that says nothing about itself. */
    public Metainfo(Info info, List<List<String>> trackers, List<String> webSeeds) {
        this(info, trackers, webSeeds, About.NOTHING);
    }

    /**
     * Parses the bytes of a .torrent. Trackers and web seeds that cannot be used are left out, never an error, and bytes after the
     * dictionary are ignored.
     */
    public static Metainfo parse(byte[] torrent) throws MetainfoException {
        return parse(PagedBytes.of(torrent));
    }

    /** As {@link #parse(byte[])}. Only the info dictionary is copied; nothing else of {@code torrent} is kept. */
    public static Metainfo parse(PagedBytes torrent) throws MetainfoException {
        if (torrent.length() > Limits.METAINFO_BYTES) {
            throw new MetainfoException("torrent", "must not be larger than 100 MiB");
        }
        Fields root;
        try {
            root = new BencodeScanner(torrent)
                    .leadingDictionary(
                            COMMENT,
                            "info",
                            "announce",
                            "announce-list",
                            "url-list",
                            "comment",
                            "created by",
                            "creation date");
        } catch (BencodeException e) {
            throw new MetainfoException("torrent", "must be a bencoded dictionary: " + e.getMessage());
        }
        try {
            byte[] info = info(torrent, root);
            SourceReader sources = new SourceReader(torrent);
            return new Metainfo(
                    new InfoParser(info).parse(),
                    sources.trackers(root.at(ANNOUNCE_LIST), root.at(ANNOUNCE)),
                    sources.webSeeds(root.at(URL_LIST)),
                    new AboutReader(torrent).read(root.at(COMMENT), root.at(CREATED_BY), root.at(CREATION_DATE)));
        } catch (BencodeException e) {
            throw new IllegalStateException("what was scanned once does not scan again", e);
        }
    }

    private static byte[] info(PagedBytes torrent, Fields root) throws MetainfoException {
        int from = root.at(INFO);
        if (!new BencodeScanner(torrent).isDictionary(from)) {
            throw new MetainfoException("info", "must be a dictionary");
        }
        int to = root.endAt(INFO);
        if (to - from > Limits.INFO_BYTES) {
            throw new MetainfoException("info", "must not be larger than 32 MiB");
        }
        return torrent.copy(from, to);
    }

    /** Returns the bytes of a .torrent with these values; its info dictionary is unchanged to the byte. */
    public byte[] encode() {
        Envelope envelope = Envelope.of(trackers, webSeeds, about);
        ByteBuffer torrent = ByteBuffer.allocate(envelope.length(info.size()));
        return torrent.put(envelope.before)
                .put(info.buffer())
                .put(envelope.after)
                .array();
    }

    /**
     * The bytes around an info dictionary in a .torrent, so that a large one can be sent without being read into memory.
     *
     * @param before the bytes before the info dictionary
     * @param after the bytes behind it
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Envelope(byte[] before, byte[] after) {
        /** The envelope of a .torrent with these trackers and web seeds, which says this about itself. */
        public static Envelope of(List<List<String>> trackers, List<String> webSeeds, About about) {
            Map<String, Object> root = new TreeMap<>();
            trackers.stream().flatMap(List::stream).findFirst().ifPresent(first -> root.put("announce", first));
            if (!trackers.isEmpty()) {
                root.put("announce-list", trackers);
            }
            if (about.comment() != null) {
                root.put("comment", about.comment());
            }
            if (about.creator() != null) {
                root.put("created by", about.creator());
            }
            if (about.createdAt() != null) {
                root.put("creation date", about.createdAt().getEpochSecond());
            }
            byte[] before = BencodeEncoder.encode(root);
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            head.write(before, 0, before.length - 1);
            head.writeBytes("4:info".getBytes(StandardCharsets.US_ASCII));
            byte[] after = BencodeEncoder.encode(webSeeds.isEmpty() ? Map.of() : Map.of("url-list", webSeeds));
            return new Envelope(head.toByteArray(), Arrays.copyOfRange(after, 1, after.length));
        }

        /** Bytes of the .torrent around an info dictionary of {@code info} bytes. */
        public int length(int info) {
            return before.length + info + after.length;
        }
    }
}
