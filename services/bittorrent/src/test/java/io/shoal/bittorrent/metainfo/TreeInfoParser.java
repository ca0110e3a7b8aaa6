package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BValue;
import io.shoal.bittorrent.bencode.BValue.BDictionary;
import io.shoal.bittorrent.bencode.BValue.BInteger;
import io.shoal.bittorrent.bencode.BValue.BList;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeDecoder;
import io.shoal.bittorrent.bencode.BencodeException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses an info dictionary from the tree of all its values: the plain form of the rules, to compare {@link InfoParser} with. */
final class TreeInfoParser {
    private final byte[] bytes;

    TreeInfoParser(byte[] bytes) {
        this.bytes = bytes;
    }

    /** The content of an info dictionary. */
    record Parsed(
            String name, Pieces pieces, BString hashes, List<FileEntry> files, boolean single, boolean isPrivate) {}

    Parsed parse() throws MetainfoException {
        check(bytes.length <= Limits.INFO_BYTES, "info", "must not be larger than 32 MiB");
        BDictionary info;
        try {
            info = BencodeDecoder.decodeLeadingDictionary(bytes);
            if (info.end() != bytes.length) {
                throw new BencodeException("bytes after the value", info.end());
            }
        } catch (BencodeException e) {
            throw new MetainfoException("info", "must be a bencoded dictionary: " + e.getMessage());
        }
        String name = name(info);
        int pieceLength = pieceLength(info);
        byte[] hashes = hashes(info);
        List<FileEntry> files = files(info, name);
        long total = files.isEmpty() ? 0 : files.getLast().end();
        check(total > 0, "info", "must have at least one byte of content");
        Pieces pieces = pieces(total, pieceLength, hashes);
        boolean isPrivate = switch (info.get("private")) {
            case BInteger number -> number.value() != 0;
            case BString text -> !text.text().isEmpty() && !text.text().equals("0");
            case null, default -> false;
        };
        return new Parsed(name, pieces, BString.of(hashes), files, info.get("files") == null, isPrivate);
    }

    private String name(BDictionary info) throws MetainfoException {
        BString name = utf8(info, "name");
        if (name == null) {
            throw new MetainfoException("info.name", "must be a string");
        }
        check(name.length() <= Limits.PATH_COMPONENT_BYTES, "info.name", "must not be longer than 4096 bytes");
        return name.length() > 0 ? name.text() : HexFormat.of().formatHex(Sha1.of(bytes));
    }

    private static int pieceLength(BDictionary info) throws MetainfoException {
        BInteger length = info.integer("piece length");
        if (length == null) {
            throw new MetainfoException("info.piece length", "must be an integer");
        }
        check(
                length.value() >= Limits.PIECE_LENGTH_MIN && length.value() <= Limits.PIECE_LENGTH_MAX,
                "info.piece length",
                "must be from 1 KiB to 128 MiB");
        return (int) length.value();
    }

    private static byte[] hashes(BDictionary info) throws MetainfoException {
        BString pieces = info.string("pieces");
        if (pieces == null) {
            boolean v2 = info.integer("meta version") != null;
            throw new MetainfoException(
                    "info.pieces",
                    v2 ? "must be there: torrents of version 2 alone are not supported" : "must be a string");
        }
        check(pieces.length() % Sha1.LENGTH == 0, "info.pieces", "must be a multiple of 20 bytes");
        check(pieces.length() / Sha1.LENGTH <= Limits.PIECES, "info.pieces", "must not be more than 2^21 pieces");
        return pieces.bytes();
    }

    private static Pieces pieces(long total, int pieceLength, byte[] hashes) throws MetainfoException {
        long count = (total + pieceLength - 1) / pieceLength;
        check(
                count == hashes.length / Sha1.LENGTH,
                "info.pieces",
                "must have one hash for each piece: " + count + ", not " + hashes.length / Sha1.LENGTH);
        return new Pieces(total, pieceLength);
    }

    private static List<FileEntry> files(BDictionary info, String name) throws MetainfoException {
        BValue listed = info.get("files");
        if (listed == null) {
            return List.of(new FileEntry(new FileIndex(0), List.of(name), 0, length(info, "info.length", 0), false));
        }
        if (!(listed instanceof BList list)) {
            throw new MetainfoException("info.files", "must be a list");
        }
        check(!list.values().isEmpty(), "info.files", "must not be empty");
        check(list.values().size() <= Limits.FILES, "info.files", "must not be more than 100000");
        List<FileEntry> files = new ArrayList<>(list.values().size());
        long offset = 0;
        for (BValue value : list.values()) {
            String field = "info.files[" + files.size() + "]";
            if (!(value instanceof BDictionary file)) {
                throw new MetainfoException(field, "must be a dictionary");
            }
            long length = length(file, field + ".length", offset);
            BString attributes = file.string("attr");
            boolean pad = attributes != null && attributes.text().contains("p");
            files.add(new FileEntry(new FileIndex(files.size()), path(file, field), offset, length, pad));
            offset += length;
        }
        return files;
    }

    private static long length(BDictionary file, String field, long before) throws MetainfoException {
        BInteger length = file.integer("length");
        if (length == null) {
            throw new MetainfoException(field, "must be an integer");
        }
        check(length.value() >= 0, field, "must not be negative");
        check(length.value() <= Limits.TORRENT_BYTES - before, field, "must not make the torrent larger than 16 TiB");
        return length.value();
    }

    private static List<String> path(BDictionary file, String field) throws MetainfoException {
        BList path = file.list("path.utf-8");
        if (path == null) {
            path = file.list("path");
        }
        if (path == null) {
            throw new MetainfoException(field + ".path", "must be a list");
        }
        check(!path.values().isEmpty(), field + ".path", "must not be empty");
        check(path.values().size() <= Limits.PATH_DEPTH, field + ".path", "must not be deeper than 64");
        List<String> components = new ArrayList<>(path.values().size());
        for (BValue value : path.values()) {
            if (!(value instanceof BString component)) {
                throw new MetainfoException(field + ".path", "must be a list of strings");
            }
            check(
                    component.length() <= Limits.PATH_COMPONENT_BYTES,
                    field + ".path",
                    "must not have a component longer than 4096 bytes");
            components.add(component.text());
        }
        return components;
    }

    private static @Nullable BString utf8(BDictionary dictionary, String key) {
        BString declared = dictionary.string(key + ".utf-8");
        return declared != null && declared.isUtf8() && declared.length() > 0 ? declared : dictionary.string(key);
    }

    private static void check(boolean holds, String field, String rule) throws MetainfoException {
        if (!holds) {
            throw new MetainfoException(field, rule);
        }
    }
}
