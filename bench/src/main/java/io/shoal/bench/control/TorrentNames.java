package io.shoal.bench.control;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.topics.SliceKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The torrent ids and info-hashes that the bench makes up: from a torrent's number, here and in SQL alike. */
final class TorrentNames {
    private static final int ID_DIGITS = 26;
    private static final int HASH_DIGITS = 40;

    private TorrentNames() {}

    /** The torrent id of {@code number}. */
    static TorrentId id(int number) {
        return new TorrentId(md5("torrent-" + number)
                .substring(0, ID_DIGITS)
                .replace('0', 'g')
                .replace('1', 'h')
                .replace('8', 'i')
                .replace('9', 'j'));
    }

    /** The same as an expression over the column or parameter {@code number}. */
    static String sqlId(String number) {
        return "translate(substr(md5('torrent-' || " + number + "), 1, " + ID_DIGITS + "), '0189', 'ghij')";
    }

    /** The key of its only slice. */
    static String key(int number) {
        return new SliceKey.OfTorrent(id(number), 0).toString();
    }

    static String infoHash(int number) {
        return (md5("hash-" + number) + md5("hash+" + number)).substring(0, HASH_DIGITS);
    }

    static String sqlInfoHash(String number) {
        return "substr(md5('hash-' || " + number + ") || md5('hash+' || " + number + "), 1, " + HASH_DIGITS + ")";
    }

    /** The MD5 of {@code text}, in hexadecimal, as PostgreSQL computes it. */
    static String md5(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no MD5", e);
        }
    }
}
