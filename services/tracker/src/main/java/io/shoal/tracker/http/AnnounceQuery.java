package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.PeerId;
import io.shoal.contracts.PasskeyHash;
import io.shoal.tracker.announce.Request;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.networks.AddressText;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.Reply;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads an announce (BEP 3, 7, 23) out of a query string. Strict about what would put a wrong peer into a swarm, lenient about
 * what only shapes the reply. Used again and again by the one thread that owns it.
 */
final class AnnounceQuery {
    private static final int PORT_MOST = 65535;
    private static final int NOT_SAID = -1;
    private static final Field[] REQUIRED = {
        Field.INFO_HASH, Field.PEER_ID, Field.PORT, Field.UPLOADED, Field.DOWNLOADED
    };
    private static final byte[] STARTED = ascii("started");
    private static final byte[] STOPPED = ascii("stopped");
    private static final byte[] COMPLETED = ascii("completed");
    private static final byte[] PAUSED = ascii("paused");
    private static final byte[] ZERO = ascii("0");

    private final Query query = new Query();
    private final EnumSet<Field> seen = EnumSet.noneOf(Field.class);
    private SwarmKey torrent = new SwarmKey(0, 0, 0);
    private PeerKey peer = new PeerKey(0, 0, 0);
    private int port;
    private long uploaded;
    private long downloaded;
    private long left;
    private Event event = Event.NONE;
    private int wanted;
    private boolean compact;
    private boolean peerIds;
    private @Nullable Address claimed;

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** The announce that stands from {@code from} to {@code to}, sent from {@code source}. */
    Request read(ByteBuf buffer, int from, int to, Address source, boolean mayClaim, @Nullable PasskeyHash passkey)
            throws MalformedException {
        clear();
        query.open(buffer, from, to);
        while (query.advance()) {
            Field field = query.field();
            if (field == Field.IP && !mayClaim) {
                continue;
            }
            if (!seen.add(field)) {
                throw new MalformedException("duplicate " + field.key);
            }
            take(field);
        }
        for (Field field : REQUIRED) {
            if (!seen.contains(field)) {
                throw new MalformedException("missing " + field.key);
            }
        }
        return new Request(
                torrent,
                source,
                claimed,
                port,
                peer,
                passkey,
                uploaded,
                downloaded,
                left,
                event,
                wanted,
                Reply.PEERS,
                true);
    }

    /** The form in which the client wants peers. */
    PeerForm form() {
        if (compact) {
            return PeerForm.COMPACT;
        }
        return peerIds ? PeerForm.DICTIONARIES_WITH_IDS : PeerForm.DICTIONARIES;
    }

    private void clear() {
        peerIds = true;
        seen.clear();
        left = Request.LEFT_UNKNOWN;
        event = Event.NONE;
        wanted = NOT_SAID;
        compact = true;
        claimed = null;
    }

    private void take(Field field) throws MalformedException {
        if (field != Field.LEFT) { // which may be anything
            query.decode();
        }
        switch (field) {
            case INFO_HASH -> {
                exactly(InfoHash.LENGTH);
                torrent = new SwarmKey(query.longAt(0), query.longAt(8), query.intAt(16));
            }
            case PEER_ID -> {
                exactly(PeerId.LENGTH);
                peer = new PeerKey(query.longAt(0), query.longAt(8), query.intAt(16));
            }
            case PORT -> port = (int) query.number(PORT_MOST);
            case UPLOADED -> uploaded = query.number(Long.MAX_VALUE);
            case DOWNLOADED -> downloaded = query.number(Long.MAX_VALUE);
            case LEFT -> left = left();
            case EVENT -> event = event();
            case NUMWANT -> wanted = wanted();
            case COMPACT -> compact = !query.is(ZERO);
            case IP -> claimed = claimed();
            case NO_PEER_ID -> peerIds = query.is(ZERO);
        }
    }

    private void exactly(int bytes) throws MalformedException {
        if (query.length() != bytes) {
            throw query.malformed();
        }
    }

    private Event event() {
        if (query.is(STARTED)) {
            return Event.STARTED;
        }
        if (query.is(STOPPED)) {
            return Event.STOPPED;
        }
        if (query.is(COMPLETED)) {
            return Event.COMPLETED;
        }
        return query.is(PAUSED) ? Event.PAUSED : Event.NONE;
    }

    /** A value that is no number from 0 to 2^63 - 1, or cannot be decoded, means what its absence does. */
    private long left() {
        try {
            query.decode();
            return query.number(Long.MAX_VALUE);
        } catch (MalformedException e) {
            return Request.LEFT_UNKNOWN;
        }
    }

    /** A number that is none means what its absence does. */
    private int wanted() {
        try {
            return (int) Math.min(query.number(Long.MAX_VALUE), Integer.MAX_VALUE);
        } catch (MalformedException e) {
            return NOT_SAID;
        }
    }

    private Address claimed() throws MalformedException {
        Address address = AddressText.parse(query.text());
        if (address == null) {
            throw query.malformed();
        }
        return address;
    }
}
