package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** The fields of an announce and a scrape that mean something to us. All others are skipped. */
enum Field {
    INFO_HASH("info_hash"),
    PEER_ID("peer_id"),
    PORT("port"),
    UPLOADED("uploaded"),
    DOWNLOADED("downloaded"),
    LEFT("left"),
    EVENT("event"),
    NUMWANT("numwant"),
    COMPACT("compact"),
    NO_PEER_ID("no_peer_id"),
    IP("ip");

    private static final Field[] ALL = values();

    final String key;

    Field(String key) {
        this.key = key;
    }

    /** The field whose name stands from {@code from} to {@code to}; null if it is none of ours. */
    static @Nullable Field named(ByteBuf buffer, int from, int to) {
        for (Field field : ALL) {
            if (field.key.length() == to - from && field.isAt(buffer, from)) {
                return field;
            }
        }
        return null;
    }

    private boolean isAt(ByteBuf buffer, int from) {
        for (int i = 0; i < key.length(); i++) {
            if (buffer.getByte(from + i) != key.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
