package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The dictionaries that answer an announce and a scrape, keys sorted as bencode demands. */
final class ResponseBodies {
    private ResponseBodies() {}

    /** Peers (BEP 3, 7, 23), and where we see the asker (BEP 24). */
    static void peers(ByteBuf out, Reply reply, Address asker, int interval, int minInterval, PeerForm form) {
        Scrape counts = reply.counts();
        byte[] externalIp = asker.bytes();
        out.writeByte('d');
        Bencode.entry(out, "complete", counts.complete());
        Bencode.entry(out, "downloaded", counts.downloaded());
        Bencode.entry(out, "external ip", externalIp, externalIp.length);
        Bencode.entry(out, "incomplete", counts.incomplete());
        Bencode.entry(out, "interval", interval);
        Bencode.entry(out, "min interval", minInterval);
        if (form == PeerForm.COMPACT) {
            Bencode.entry(out, "peers", reply.v4(), reply.v4Length());
            if (reply.v6Length() > 0) {
                Bencode.entry(out, "peers6", reply.v6(), reply.v6Length());
            }
        } else {
            Bencode.key(out, "peers");
            dictionaries(out, reply, form == PeerForm.DICTIONARIES_WITH_IDS);
        }
        out.writeByte('e');
    }

    private static void dictionaries(ByteBuf out, Reply reply, boolean peerIds) {
        out.writeByte('l');
        ByteBuffer v4 = ByteBuffer.wrap(reply.v4(), 0, reply.v4Length());
        for (int index = 0; v4.hasRemaining(); index++) {
            dictionary(out, Address.ofV4(v4.getInt()), v4.getShort(), peerIds ? reply.v4Peer(index) : null);
        }
        ByteBuffer v6 = ByteBuffer.wrap(reply.v6(), 0, reply.v6Length());
        for (int index = 0; v6.hasRemaining(); index++) {
            Address address = new Address(v6.getLong(), v6.getLong());
            dictionary(out, address, v6.getShort(), peerIds ? reply.v6Peer(index) : null);
        }
        out.writeByte('e');
    }

    private static void dictionary(ByteBuf out, Address address, short port, @Nullable PeerKey peer) {
        out.writeByte('d');
        Bencode.entry(out, "ip", address.toString());
        if (peer != null) {
            byte[] id = peer.bytes();
            Bencode.entry(out, "peer id", id, id.length);
        }
        Bencode.entry(out, "port", Short.toUnsignedInt(port));
        out.writeByte('e');
    }

    /** Swarms in numbers (BEP 48); {@code torrents} in the order of their bytes. */
    static void scrape(ByteBuf out, Collection<SwarmKey> torrents, Function<SwarmKey, Scrape> scrape) {
        out.writeByte('d');
        Bencode.key(out, "files");
        out.writeByte('d');
        for (SwarmKey torrent : torrents) {
            Scrape counts = scrape.apply(torrent);
            byte[] hash = torrent.bytes();
            Bencode.string(out, hash, hash.length);
            out.writeByte('d');
            Bencode.entry(out, "complete", counts.complete());
            Bencode.entry(out, "downloaded", counts.downloaded());
            Bencode.entry(out, "downloaders", counts.downloaders());
            Bencode.entry(out, "incomplete", counts.incomplete());
            out.writeByte('e');
        }
        out.writeByte('e');
        out.writeByte('e');
    }

    /** The reason, and when to try again, in the form of BEP 31 too. */
    static void refusal(ByteBuf out, Refusal refusal, int interval, int minInterval) {
        out.writeByte('d');
        Bencode.entry(out, "failure reason", refusal.reason());
        Bencode.entry(out, "interval", interval);
        Bencode.entry(out, "min interval", minInterval);
        if (refusal.retryIn() == Refusal.NEVER) {
            Bencode.entry(out, "retry in", "never");
        } else if (refusal.retryIn() != Refusal.UNSPECIFIED) {
            Bencode.entry(out, "retry in", refusal.retryIn());
        }
        out.writeByte('e');
    }
}
