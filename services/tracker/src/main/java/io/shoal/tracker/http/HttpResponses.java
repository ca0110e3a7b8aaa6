package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.announce.Deferral;
import io.shoal.tracker.announce.PendingAnnounce;
import io.shoal.tracker.announce.Request;
import io.shoal.tracker.announce.Tracker;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * From a request's head to the bytes of its response. Whatever an announce or scrape meets, the status is 200 and the length
 * is there: clients read no failure from anything else. One for each event loop, which owns its parsers and buffers.
 */
final class HttpResponses {
    private static final byte[] ANNOUNCE = ascii("/announce");
    private static final byte[] SCRAPE = ascii("/scrape");
    private static final byte[] ROOT = ascii("/");
    private static final String TEXT = "text/plain";
    private static final int BODY_BYTES = 8_192;

    private final Tracker tracker;
    private final Traffic traffic;
    private final StatsPage statsPage;
    private final AnnounceQuery announceQuery = new AnnounceQuery();
    private final ScrapeQuery scrapeQuery = new ScrapeQuery();
    private final Reply reply = new Reply();
    private final ByteBuf body = Unpooled.buffer(BODY_BYTES);

    HttpResponses(Tracker tracker, Traffic traffic, StatsPage statsPage) {
        this.tracker = tracker;
        this.traffic = traffic;
        this.statsPage = statsPage;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * Appends to {@code out} the response to {@code head}, a GET or HEAD that came from {@code sender}; or returns the response
     * that waits for a registration, and appends nothing.
     *
     * @param wake is called by another thread when that response is worth a {@link #retry}
     */
    @Nullable
    PendingResponse answer(ByteBuf in, RequestHead head, Address sender, ByteBuf out, Runnable wake) {
        body.clear();
        PendingResponse pending = null;
        String type = TEXT;
        PasskeyHash passkey;
        if (head.pathIs(in, ANNOUNCE)) {
            pending = announce(in, head, sender, null, wake);
        } else if (head.pathIs(in, SCRAPE)) {
            scrape(in, head, sender, null);
        } else if ((passkey = head.passkey(in, ANNOUNCE)) != null) {
            pending = announce(in, head, sender, passkey, wake);
        } else if ((passkey = head.passkey(in, SCRAPE)) != null) {
            scrape(in, head, sender, passkey);
        } else if (head.pathIs(in, ROOT)) {
            type = "text/html; charset=utf-8";
            statsPage.write(body);
        } else {
            status(out, head, "404 Not Found", "");
            return null;
        }
        if (pending == null) {
            ok(out, head, type, head.isHead(in));
        }
        return pending;
    }

    /** Appends to {@code out} the response to {@code head} that waited; false, and nothing appended, if it must still wait. */
    boolean retry(PendingResponse pending, RequestHead head, ByteBuf out) {
        body.clear();
        switch (pending.announce().retry(reply)) {
            case PendingAnnounce _ -> {
                return false;
            }
            case Deferral.Answered _ -> peers(pending.announce().event(), pending.asker(), pending.form());
            case Deferral.Refused(Refusal refusal) -> refused(refusal);
        }
        ok(out, head, TEXT, pending.isHead());
        return true;
    }

    private void ok(ByteBuf out, RequestHead head, String type, boolean isHead) {
        ByteBufUtil.writeAscii(out, "HTTP/1.1 200 OK\r\nContent-Type: ");
        ByteBufUtil.writeAscii(out, type);
        ByteBufUtil.writeAscii(out, "\r\nContent-Length: ");
        Bencode.number(out, body.readableBytes());
        connection(out, head);
        ByteBufUtil.writeAscii(out, "\r\n\r\n");
        if (!isHead) {
            out.writeBytes(body, body.readerIndex(), body.readableBytes());
        }
    }

    /** Appends a response that is neither announce nor scrape: no body, {@code headers} whole lines. */
    static void status(ByteBuf out, RequestHead head, String status, String headers) {
        ByteBufUtil.writeAscii(out, "HTTP/1.1 ");
        ByteBufUtil.writeAscii(out, status);
        ByteBufUtil.writeAscii(out, "\r\n");
        ByteBufUtil.writeAscii(out, headers);
        ByteBufUtil.writeAscii(out, "Content-Length: 0");
        connection(out, head);
        ByteBufUtil.writeAscii(out, "\r\n\r\n");
    }

    private static void connection(ByteBuf out, RequestHead head) {
        if (!head.keepAlive()) {
            ByteBufUtil.writeAscii(out, "\r\nConnection: close");
        } else if (head.isHttp10()) {
            ByteBufUtil.writeAscii(out, "\r\nConnection: keep-alive");
        }
    }

    private @Nullable PendingResponse announce(
            ByteBuf in, RequestHead head, Address sender, @Nullable PasskeyHash passkey, Runnable wake) {
        Address asker = head.asker(in, sender, tracker::isProxy);
        Refusal refusal = tracker.refuses(asker);
        if (refusal != null) {
            refused(refusal);
            return null;
        }
        try {
            Request request =
                    announceQuery.read(in, head.queryFrom(), head.queryTo(), asker, tracker.trusts(asker), passkey);
            refusal = tracker.announce(request, reply);
            if (refusal == null) {
                peers(request.event(), asker, announceQuery.form());
            } else {
                switch (tracker.defer(request, refusal, reply, wake)) {
                    case PendingAnnounce pending -> {
                        return new PendingResponse(pending, asker, announceQuery.form(), head.isHead(in));
                    }
                    case Deferral.Answered _ -> peers(request.event(), asker, announceQuery.form());
                    case Deferral.Refused(Refusal last) -> refused(last);
                }
            }
        } catch (MalformedException e) {
            malformed(e);
        }
        return null;
    }

    private void peers(Event event, Address asker, PeerForm form) {
        ResponseBodies.peers(body, reply, asker, tracker.interval(), tracker.minInterval(), form);
        traffic.announced(event);
    }

    private void scrape(ByteBuf in, RequestHead head, Address sender, @Nullable PasskeyHash passkey) {
        Refusal tooMany = tracker.refuses(head.asker(in, sender, tracker::isProxy));
        Refusal refusal = tooMany == null ? tracker.refuses(passkey) : tooMany;
        if (refusal != null) {
            refused(refusal);
            return;
        }
        try {
            Collection<SwarmKey> torrents = scrapeQuery.read(in, head.queryFrom(), head.queryTo());
            ResponseBodies.scrape(body, torrents, torrent -> tracker.scrape(torrent, passkey));
            traffic.scraped();
        } catch (MalformedException e) {
            malformed(e);
        }
    }

    private void refused(Refusal refusal) {
        failure(refusal);
        traffic.refused(refusal);
    }

    private void failure(Refusal refusal) {
        ResponseBodies.refusal(body, refusal, tracker.interval(refusal), tracker.minInterval(refusal));
    }

    private void malformed(MalformedException e) {
        failure(Refusal.permanent(e.reason()));
        traffic.malformed();
    }
}
