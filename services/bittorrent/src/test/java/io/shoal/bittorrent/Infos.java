package io.shoal.bittorrent;

import io.shoal.bittorrent.bencode.BencodeEncoder;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.MetainfoException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Info dictionaries of any size, whose piece hashes are all zeros: for what does not read content. */
public final class Infos {
    private Infos() {}

    /** A file of a torrent that is only measured. */
    public record Sized(long length, boolean pad) {
        public static Sized file(long length) {
            return new Sized(length, false);
        }

        public static Sized pad(long length) {
            return new Sized(length, true);
        }
    }

    public static Info single(long length, int pieceLength) {
        Map<String, Object> info = common(length, pieceLength);
        info.put("length", length);
        return parsed(info);
    }

    public static Info multi(int pieceLength, List<Sized> files) {
        Map<String, Object> info =
                common(files.stream().mapToLong(Sized::length).sum(), pieceLength);
        List<Object> listed = new ArrayList<>();
        for (Sized file : files) {
            Map<String, Object> entry =
                    new TreeMap<>(Map.of("length", file.length(), "path", List.of("file" + listed.size())));
            if (file.pad()) {
                entry.put("attr", "p");
            }
            listed.add(entry);
        }
        info.put("files", listed);
        return parsed(info);
    }

    private static Map<String, Object> common(long total, int pieceLength) {
        Map<String, Object> info = new TreeMap<>();
        info.put("name", "t");
        info.put("piece length", pieceLength);
        info.put("pieces", new byte[Math.toIntExact((total + pieceLength - 1) / pieceLength * Sha1.LENGTH)]);
        return info;
    }

    private static Info parsed(Map<String, Object> info) {
        try {
            return Info.parse(BencodeEncoder.encode(info));
        } catch (MetainfoException e) {
            throw new IllegalArgumentException(e);
        }
    }
}
