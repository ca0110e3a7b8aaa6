package io.shoal.tracker.udp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.admission.PasskeyPath;
import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.announce.Deferral;
import io.shoal.tracker.announce.PendingAnnounce;
import io.shoal.tracker.announce.Request;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Prefetch;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.Scrape;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.charset.StandardCharsets;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * From a datagram to its reply (BEP 15). Until an asker has shown, by a connection id, that it is where its packets say,
 * it gets no more bytes than it sent; for a wrong id it gets silence. One for each thread, which owns its buffers.
 */
final class Datagrams implements Responder {
    private static final long MAGIC = 0x41727101980L;
    private static final int CONNECT = 0;
    private static final int ANNOUNCE = 1;
    private static final int SCRAPE = 2;
    private static final int ERROR = 3;
    private static final int HEAD_BYTES = 16;
    private static final int ACTION_AT = 8;
    private static final int HASH_AT = 16;
    private static final int PORT_AT = 96;
    private static final int ANNOUNCE_BYTES = 98;
    private static final int REPLY_HEAD_BYTES = 20;

    /** An Ethernet frame carries 1,500 bytes; an IPv4 header takes 20 of them, an IPv6 header 40, UDP 8. */
    private static final int V4_BYTES = 1_472;

    private static final int V6_BYTES = 1_452;
    private static final int SCRAPES = 74;
    private static final int URL_BYTES = 2_048;
    /** A reply that comes later than this after its time would meet a client that has asked again. */
    private static final int LATE_MILLIS = 2_000;

    private static final byte[] PATH = "/announce".getBytes(StandardCharsets.US_ASCII);
    private static final Event[] EVENTS = Event.values();

    private final Tracker tracker;
    private final Traffic traffic;
    private final ConnectionIds ids;
    private final LongSupplier clock;
    private final Reply reply = new Reply();
    private final Prefetch prefetch;
    private final ByteBuf urlData = Unpooled.buffer(URL_BYTES);
    private final DeferredReplies deferredReplies = new DeferredReplies();
    private @Nullable DeferredReply deferred;

    /**
     * @param clock milliseconds since 1970, the same at every replica
     */
    Datagrams(Tracker tracker, Traffic traffic, ConnectionIds ids, LongSupplier clock) {
        this.tracker = tracker;
        this.traffic = traffic;
        this.ids = ids;
        this.clock = clock;
        this.prefetch = tracker.prefetch();
    }

    @Override
    public void answer(ByteBuf in, Address source, int sourcePort, ByteBuf out) {
        deferred = null;
        if (in.readableBytes() < HEAD_BYTES || sourcePort == 0) {
            traffic.dropped();
            return;
        }
        long id = in.readLong();
        int action = in.readInt();
        int transaction = in.readInt();
        if (action == CONNECT) {
            connect(id, transaction, source, out);
            return;
        }
        if (!ids.isValid(id, source, clock.getAsLong())) {
            traffic.dropped();
            return;
        }
        Refusal refusal = tracker.refuses(source);
        if (refusal != null) {
            refused(out, transaction, refusal);
        } else if (action == ANNOUNCE) {
            announce(in, transaction, source, out);
        } else if (action == SCRAPE) {
            scrape(in, transaction, out);
        } else {
            malformed(out, transaction, "unknown action");
        }
    }

    @Override
    public void prefetch(ByteBuf in, Address source) {
        if (in.readableBytes() >= ANNOUNCE_BYTES && in.getInt(ACTION_AT) == ANNOUNCE) {
            SwarmKey torrent = new SwarmKey(in.getLong(HASH_AT), in.getLong(HASH_AT + 8), in.getInt(HASH_AT + 16));
            prefetch.add(torrent, source, in.getUnsignedShort(PORT_AT));
        }
    }

    @Override
    public void runPrefetch() {
        prefetch.run();
    }

    private void connect(long magic, int transaction, Address source, ByteBuf out) {
        if (magic == MAGIC) {
            out.writeInt(CONNECT).writeInt(transaction).writeLong(ids.issue(source, clock.getAsLong()));
        } else {
            traffic.dropped();
        }
    }

    private void announce(ByteBuf in, int transaction, Address source, ByteBuf out) {
        if (in.readableBytes() < ANNOUNCE_BYTES - HEAD_BYTES) {
            traffic.dropped();
            return;
        }
        SwarmKey torrent = new SwarmKey(in.readLong(), in.readLong(), in.readInt());
        PeerKey peer = new PeerKey(in.readLong(), in.readLong(), in.readInt());
        long downloaded = in.readLong();
        long left = in.readLong();
        long uploaded = in.readLong();
        int event = in.readInt();
        int claimed = in.readInt();
        in.skipBytes(Integer.BYTES); // the key: addresses are what tells our peers apart
        int wanted = in.readInt();
        int port = in.readUnsignedShort();
        String problem = problem(in, downloaded, uploaded, event);
        if (problem != null) {
            malformed(out, transaction, problem);
            return;
        }
        int most = source.isV4()
                ? (V4_BYTES - REPLY_HEAD_BYTES) / Reply.V4_BYTES
                : (V6_BYTES - REPLY_HEAD_BYTES) / Reply.V6_BYTES;
        Request request = new Request(
                torrent,
                source,
                claimed != 0 && source.isV4() ? Address.ofV4(claimed) : null,
                port,
                peer,
                passkey(),
                uploaded,
                downloaded,
                left,
                EVENTS[event],
                wanted,
                most,
                false);
        Refusal refusal = tracker.announce(request, reply);
        if (refusal == null) {
            traffic.announced(request.event());
            peers(transaction, source, out);
        } else {
            defer(request, refusal, transaction, out);
        }
    }

    private void defer(Request request, Refusal refusal, int transaction, ByteBuf out) {
        DeferredAnnounce later = new DeferredAnnounce(transaction, request.source());
        switch (tracker.defer(request, refusal, reply, later)) {
            case PendingAnnounce pending -> {
                deferredReplies.add(later, pending);
                deferred = later;
            }
            case Deferral.Answered _ -> {
                traffic.announced(request.event());
                peers(transaction, request.source(), out);
            }
            case Deferral.Refused(Refusal last) -> refused(out, transaction, last);
        }
    }

    /** The reply to an announce that waits for a registration. */
    private final class DeferredAnnounce extends DeferredReplies.Waiting implements Runnable {
        private final int transaction;
        private final Address source;

        private DeferredAnnounce(int transaction, Address source) {
            this.transaction = transaction;
            this.source = source;
        }

        @Override
        public void run() {
            deferredReplies.wake(this);
        }

        @Override
        boolean finish(PendingAnnounce announce, ByteBuf out) {
            if (announce.overdue() > LATE_MILLIS) {
                announce.abandon();
                traffic.dropped();
                return true;
            }
            switch (announce.retry(reply)) {
                case PendingAnnounce _ -> {
                    return false;
                }
                case Deferral.Answered _ -> {
                    traffic.announced(announce.event());
                    peers(transaction, source, out);
                }
                case Deferral.Refused(Refusal refusal) -> refused(out, transaction, refusal);
            }
            return true;
        }
    }

    @Override
    public @Nullable DeferredReply deferred() {
        return deferred;
    }

    @Override
    public @Nullable DeferredReply nextDeferred() {
        return deferredReplies.next();
    }

    @Override
    public void close() {
        deferredReplies.abandon();
    }

    private @Nullable String problem(ByteBuf in, long downloaded, long uploaded, int event) {
        if (event < 0 || event >= EVENTS.length) {
            return "unknown event";
        }
        if (downloaded < 0) {
            return "invalid downloaded";
        }
        if (uploaded < 0) {
            return "invalid uploaded";
        }
        urlData.clear();
        return Options.read(in, urlData) ? null : "truncated option";
    }

    /** What stood before `/announce` in the URL that the asker was given, which it repeats in its options (BEP 41). */
    private @Nullable PasskeyHash passkey() {
        if (!urlData.isReadable()) {
            return null;
        }
        int question = urlData.indexOf(0, urlData.writerIndex(), (byte) '?');
        return PasskeyPath.read(urlData, 0, question < 0 ? urlData.writerIndex() : question, PATH);
    }

    private void peers(int transaction, Address source, ByteBuf out) {
        Scrape counts = reply.counts();
        out.writeInt(ANNOUNCE)
                .writeInt(transaction)
                .writeInt(tracker.interval())
                .writeInt(counts.incomplete())
                .writeInt(counts.complete());
        if (source.isV4()) {
            out.writeBytes(reply.v4(), 0, reply.v4Length());
        } else {
            out.writeBytes(reply.v6(), 0, reply.v6Length());
        }
    }

    private void scrape(ByteBuf in, int transaction, ByteBuf out) {
        int torrents = Math.min(in.readableBytes() / 20, SCRAPES);
        if (torrents == 0) {
            malformed(out, transaction, "missing info_hash");
            return;
        }
        out.writeInt(SCRAPE).writeInt(transaction);
        for (int i = 0; i < torrents; i++) {
            Scrape counts = tracker.scrape(new SwarmKey(in.readLong(), in.readLong(), in.readInt()), null);
            out.writeInt(counts.complete()).writeInt(counts.downloaded()).writeInt(counts.incomplete());
        }
        traffic.scraped();
    }

    private void refused(ByteBuf out, int transaction, Refusal refusal) {
        traffic.refused(refusal);
        error(out, transaction, refusal.reason());
    }

    private void malformed(ByteBuf out, int transaction, String reason) {
        traffic.malformed();
        error(out, transaction, reason);
    }

    private static void error(ByteBuf out, int transaction, String reason) {
        out.writeInt(ERROR).writeInt(transaction);
        ByteBufUtil.writeAscii(out, reason);
    }
}
