package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.BValue;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A .torrent: the info dictionary, and where to find a swarm for it.
 *
 * @param info what the swarm agrees upon
 * @param trackers announce URLs in tiers (BEP 12); at most {@link Limits#TRACKERS} in all, of http, https and udp
 * @param webSeeds URLs of servers that have the files (BEP 19); at most {@link Limits#WEB_SEEDS}
 */
public record Metainfo(Info info, List<List<String>> trackers, List<String> webSeeds) {
    public Metainfo {
        trackers = trackers.stream().map(List::copyOf).toList();
        webSeeds = List.copyOf(webSeeds);
    }

    /** Parses the bytes of a .torrent. Trackers and web seeds that cannot be used are left out, never an error. */
    public static Metainfo parse(byte[] torrent) throws MetainfoException {
        if (torrent.length > Limits.METAINFO_BYTES) {
            throw new MetainfoException("torrent", "must not be larger than 100 MiB");
        }
        BDictionary root;
        try {
            root = BencodeDecoder.decodeDictionary(torrent);
        } catch (BencodeException e) {
            throw new MetainfoException("torrent", "must be a bencoded dictionary: " + e.getMessage());
        }
        BDictionary info = root.dictionary("info");
        if (info == null) {
            throw new MetainfoException("info", "must be a dictionary");
        }
        List<List<String>> trackers = trackers(root);
        List<String> webSeeds = webSeeds(root);
        return new Metainfo(
                new InfoParser(Arrays.copyOfRange(torrent, info.start(), info.end())).parse(), trackers, webSeeds);
    }

    /** The bytes of a .torrent that says all this; its info is the same to the byte. */
    public byte[] encode() {
        Map<String, Object> root = new TreeMap<>();
        trackers.stream().flatMap(List::stream).findFirst().ifPresent(first -> root.put("announce", first));
        if (!trackers.isEmpty()) {
            root.put("announce-list", trackers);
        }
        if (!webSeeds.isEmpty()) {
            root.put("url-list", webSeeds);
        }
        root.put("info", new BencodeEncoder.Encoded(info.bytes()));
        return BencodeEncoder.encode(root);
    }

    private static List<List<String>> trackers(BDictionary root) {
        List<List<String>> tiers = new ArrayList<>();
        int room = Limits.TRACKERS;
        BList listed = root.list("announce-list");
        if (listed != null) {
            for (BValue value : listed.values()) {
                List<String> tier = value instanceof BList urls ? urls(urls.values(), room) : List.of();
                room -= tier.size();
                if (!tier.isEmpty()) {
                    tiers.add(tier);
                }
            }
        }
        BString announce = root.string("announce");
        if (tiers.isEmpty() && announce != null) {
            List<String> only = urls(List.of(announce), 1);
            return only.isEmpty() ? List.of() : List.of(only);
        }
        return tiers;
    }

    private static List<String> urls(List<BValue> values, int room) {
        return values.stream()
                .filter(BString.class::isInstance)
                .map(value -> ((BString) value).text().strip())
                .filter(Urls::isTracker)
                .distinct()
                .limit(room)
                .toList();
    }

    private static List<String> webSeeds(BDictionary root) {
        List<BValue> listed = switch (root.get("url-list")) {
            case BString one -> List.of(one);
            case BList many -> many.values();
            case null, default -> List.of();
        };
        return listed.stream()
                .filter(BString.class::isInstance)
                .map(value -> ((BString) value).text().strip())
                .filter(Urls::isWebSeed)
                .distinct()
                .limit(Limits.WEB_SEEDS)
                .toList();
    }
}
