package io.shoal.bittorrent.metainfo;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.Sha1;
import io.shoal.bittorrent.bencode.BValue.BString;
import io.shoal.bittorrent.bencode.BencodeException;
import io.shoal.bittorrent.bencode.BencodeScanner;
import io.shoal.bittorrent.bencode.BencodeScanner.Fields;
import io.shoal.bittorrent.bencode.BencodeScanner.Slice;
import io.shoal.bittorrent.bencode.PagedBytes;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * Parses one info dictionary, whose bytes it keeps. The first pass checks all of the bencode and finds the known keys; unknown
 * ones are skipped, and no tree is built. Each refusal names the field and the rule.
 */
final class InfoParser {
    private static final String[] KEYS = {
        "name", "name.utf-8", "piece length", "pieces", "private", "length", "files", "meta version"
    };
    private static final int NAME = 0;
    private static final int NAME_UTF8 = 1;
    private static final int PIECE_LENGTH = 2;
    private static final int PIECES = 3;
    private static final int PRIVATE = 4;
    private static final int LENGTH = 5;
    private static final int FILES = 6;
    private static final int META_VERSION = 7;

    private static final String[] FILE_KEYS = {"length", "attr", "path", "path.utf-8"};
    private static final int FILE_LENGTH = 0;
    private static final int FILE_ATTR = 1;
    private static final int FILE_PATH = 2;
    private static final int FILE_PATH_UTF8 = 3;

    private final byte[] bytes;

    // Each scans every value at most once, so none meets a limit that the first did not meet.
    private final BencodeScanner scanner;
    private final BencodeScanner counting;
    private final BencodeScanner paths;

    InfoParser(byte[] bytes) {
        this.bytes = bytes;
        this.scanner = new BencodeScanner(PagedBytes.of(bytes));
        this.counting = new BencodeScanner(PagedBytes.of(bytes));
        this.paths = new BencodeScanner(PagedBytes.of(bytes));
    }

    Info parse() throws MetainfoException {
        check(bytes.length <= Limits.INFO_BYTES, "info", "must not be larger than 32 MiB");
        Fields info;
        try {
            info = new BencodeScanner(PagedBytes.of(bytes)).wholeDictionary(KEYS);
        } catch (BencodeException e) {
            throw new MetainfoException("info", "must be a bencoded dictionary: " + e.getMessage());
        }
        try {
            return parse(info);
        } catch (BencodeException e) {
            throw new IllegalStateException("what was scanned once does not scan again", e);
        }
    }

    private Info parse(Fields info) throws MetainfoException, BencodeException {
        BString name = name(info);
        int pieceLength = pieceLength(info);
        Slice hashes = hashes(info);
        FileTable files = files(info, name);
        long total = files.sizes().total();
        check(total > 0, "info", "must have at least one byte of content");
        Pieces pieces = pieces(total, pieceLength, hashes);
        return new Info(
                bytes,
                name.text(),
                pieces,
                hashes.from(),
                files,
                info.at(FILES) == BencodeScanner.ABSENT,
                isPrivate(info),
                isHybrid(info));
    }

    /** Whether the torrent says that it is private, in whatever form: a private torrent taken for a public one would leak. */
    private boolean isPrivate(Fields info) throws BencodeException {
        Long number = scanner.integer(info.at(PRIVATE));
        BString text = string(info.at(PRIVATE));
        return number != null
                ? number != 0
                : text != null && text.length() > 0 && !text.text().equals("0");
    }

    private boolean isHybrid(Fields info) throws BencodeException {
        Long version = scanner.integer(info.at(META_VERSION));
        return version != null && version == 2;
    }

    private BString name(Fields info) throws MetainfoException {
        BString declared = string(info.at(NAME_UTF8));
        BString name =
                declared != null && declared.length() > 0 && declared.isUtf8() ? declared : string(info.at(NAME));
        if (name == null) {
            throw new MetainfoException("info.name", "must be a string");
        }
        check(name.length() <= Limits.PATH_COMPONENT_BYTES, "info.name", "must not be longer than 4096 bytes");
        return name.length() > 0 ? name : BString.of(InfoHash.ofInfo(bytes).hex());
    }

    private int pieceLength(Fields info) throws MetainfoException, BencodeException {
        Long length = scanner.integer(info.at(PIECE_LENGTH));
        if (length == null) {
            throw new MetainfoException("info.piece length", "must be an integer");
        }
        check(
                length >= Limits.PIECE_LENGTH_MIN && length <= Limits.PIECE_LENGTH_MAX,
                "info.piece length",
                "must be from 1 KiB to 128 MiB");
        return length.intValue();
    }

    private Slice hashes(Fields info) throws MetainfoException, BencodeException {
        Slice hashes = scanner.string(info.at(PIECES));
        if (hashes == null) {
            boolean v2 = scanner.integer(info.at(META_VERSION)) != null;
            throw new MetainfoException(
                    "info.pieces",
                    v2 ? "must be there: torrents of version 2 alone are not supported" : "must be a string");
        }
        check(hashes.length() % Sha1.LENGTH == 0, "info.pieces", "must be a multiple of 20 bytes");
        check(hashes.length() / Sha1.LENGTH <= Limits.PIECES, "info.pieces", "must not be more than 2^21 pieces");
        return hashes;
    }

    private static Pieces pieces(long total, int pieceLength, Slice hashes) throws MetainfoException {
        long count = (total + pieceLength - 1) / pieceLength;
        check(
                count == hashes.length() / Sha1.LENGTH,
                "info.pieces",
                "must have one hash for each piece: " + count + ", not " + hashes.length() / Sha1.LENGTH);
        return new Pieces(total, pieceLength);
    }

    private FileTable files(Fields info, BString name) throws MetainfoException, BencodeException {
        if (info.at(FILES) == BencodeScanner.ABSENT) {
            return FileTable.single(name.bytes(), length(info.at(LENGTH), "info.length", 0));
        }
        check(scanner.isList(info.at(FILES)), "info.files", "must be a list");
        int count = count(counting, info.at(FILES), Limits.FILES);
        check(count > 0, "info.files", "must not be empty");
        check(count <= Limits.FILES, "info.files", "must not be more than 100000");
        long[] offsets = new long[count + 1];
        int[] positions = new int[count];
        BitSet pads = new BitSet();
        int at = info.at(FILES) + 1;
        for (int file = 0; file < count; file++) {
            String field = "info.files[" + file + "]";
            check(scanner.isDictionary(at), field, "must be a dictionary");
            Fields fields = file(at, field);
            offsets[file + 1] = offsets[file] + length(fields.at(FILE_LENGTH), field + ".length", offsets[file]);
            pads.set(file, isPad(fields.at(FILE_ATTR)));
            positions[file] = path(fields, field + ".path");
            at = fields.end();
        }
        return new FileTable(new FileSizes(offsets, pads), bytes, positions);
    }

    private Fields file(int position, String field) throws MetainfoException {
        try {
            return scanner.dictionary(position, FILE_KEYS);
        } catch (BencodeException e) {
            throw new MetainfoException(field, "must be a bencoded dictionary: " + e.getMessage());
        }
    }

    /** Number of values of the list at {@code position}; counting ends at one more than {@code most}. */
    private static int count(BencodeScanner scanner, int position, int most) throws BencodeException {
        int count = 0;
        for (int at = position + 1; !scanner.isListEnd(at) && count <= most; count++) {
            at = scanner.skip(at);
        }
        return count;
    }

    private long length(int position, String field, long before) throws MetainfoException, BencodeException {
        Long length = scanner.integer(position);
        if (length == null) {
            throw new MetainfoException(field, "must be an integer");
        }
        check(length >= 0, field, "must not be negative");
        check(length <= Limits.TORRENT_BYTES - before, field, "must not make the torrent larger than 16 TiB");
        return length;
    }

    private boolean isPad(int attributes) {
        Slice slice = scanner.string(attributes);
        if (slice != null) {
            for (int i = 0; i < slice.length(); i++) {
                if (bytes[slice.from() + i] == 'p') {
                    return true;
                }
            }
        }
        return false;
    }

    /** Returns the position of the file's path. */
    private int path(Fields file, String field) throws MetainfoException, BencodeException {
        int path = scanner.isList(file.at(FILE_PATH_UTF8)) ? file.at(FILE_PATH_UTF8) : file.at(FILE_PATH);
        check(scanner.isList(path), field, "must be a list");
        int depth = count(paths, path, Limits.PATH_DEPTH);
        check(depth > 0, field, "must not be empty");
        check(depth <= Limits.PATH_DEPTH, field, "must not be deeper than 64");
        int at = path + 1;
        for (int i = 0; i < depth; i++) {
            Slice component = scanner.string(at);
            if (component == null) {
                throw new MetainfoException(field, "must be a list of strings");
            }
            check(
                    component.length() <= Limits.PATH_COMPONENT_BYTES,
                    field,
                    "must not have a component longer than 4096 bytes");
            at = component.from() + component.length();
        }
        return path;
    }

    private @Nullable BString string(int position) {
        Slice slice = scanner.string(position);
        return slice == null ? null : new BString(bytes, slice.from(), slice.length());
    }

    private static void check(boolean holds, String field, String rule) throws MetainfoException {
        if (!holds) {
            throw new MetainfoException(field, rule);
        }
    }
}
