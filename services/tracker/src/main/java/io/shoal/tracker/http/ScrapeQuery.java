package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.InfoHash;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.Collection;
import java.util.Comparator;
import java.util.TreeSet;

/** Reads a scrape (BEP 48) out of a query string. A scrape of everything is not served. */
final class ScrapeQuery {
    /** As many as BEP 15 fits into a packet; further ones are not looked at. */
    static final int TORRENTS = 74;

    private static final Comparator<SwarmKey> BY_BYTES = (a, b) -> {
        int first = Long.compareUnsigned(a.first(), b.first());
        int second = first != 0 ? first : Long.compareUnsigned(a.second(), b.second());
        return second != 0 ? second : Integer.compareUnsigned(a.last(), b.last());
    };

    private final Query query = new Query();

    /** The torrents asked for, each once, in the order of their bytes, which is that of the reply's keys. */
    Collection<SwarmKey> read(ByteBuf buffer, int from, int to) throws MalformedException {
        TreeSet<SwarmKey> torrents = new TreeSet<>(BY_BYTES);
        query.open(buffer, from, to);
        while (torrents.size() < TORRENTS && query.advance()) {
            if (query.field() == Field.INFO_HASH) {
                query.decode();
                if (query.length() != InfoHash.LENGTH) {
                    throw query.malformed();
                }
                torrents.add(new SwarmKey(query.longAt(0), query.longAt(8), query.intAt(16)));
            }
        }
        if (torrents.isEmpty()) {
            throw new MalformedException("missing info_hash");
        }
        return torrents;
    }
}
