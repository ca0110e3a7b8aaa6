package io.shoal.tracker.replication;

import io.shoal.tracker.accounting.Counting;
import io.shoal.tracker.members.Location;
import io.shoal.tracker.members.MemberChange;
import io.shoal.tracker.networks.Address;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.PeerKey;
import io.shoal.tracker.swarms.PeerState;
import io.shoal.tracker.swarms.SwarmKey;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Another kind of record of {@code shoal.announces}, told from a {@link Frame} by its version: changes of private swarms. They
 * are rare and each is all that there is to know of a peer, so there is no sequence to keep. Big-endian:
 *
 * <pre>
 * version 8 | replica 8 | sender 64, then for each change
 * flags 8 | tenant 128 | user 128 | info-hash 160 | peer id 160 | swarm's downloaded 32
 * last report: uploaded 64 | downloaded 64 | event 8 | at 64
 * session: start 64 | uploaded 64 | downloaded 64 | seeding milliseconds 64
 * address 32 | port 16 | at 64, address 128 | port 16 | at 64, each if the peer is there
 * flags: state 2, leeched 1, completed 1, last report as a seed 1, is at an IPv4 address 1, at an IPv6 address 1, none 1
 * </pre>
 *
 * @param sender a number that the replica's process drew when it started
 */
record MemberFrame(long sender, List<MemberChange> changes) {
    static final int VERSION = 2;

    private static final int HEAD_BYTES = 2 + Long.BYTES;
    private static final int CHANGE_BYTES = 1 + 16 + 16 + 20 + 20 + 4 + 25 + 32 + 14 + 26;
    private static final int MOST_CHANGES = (Frame.MOST_BYTES - HEAD_BYTES) / CHANGE_BYTES;
    private static final int STATE = 3;
    private static final int LEECHED = 4;
    private static final int COMPLETED = 8;
    private static final int SEEDING = 16;
    private static final int V4 = 32;
    private static final int V6 = 64;
    private static final int NONE = 128;
    private static final List<Event> EVENTS = List.of(Event.values());

    /** The frames of {@code changes}. */
    static List<byte[]> write(int replica, long sender, List<MemberChange> changes) {
        List<byte[]> frames = new ArrayList<>();
        for (int from = 0; from < changes.size(); from += MOST_CHANGES) {
            List<MemberChange> some = changes.subList(from, Math.min(changes.size(), from + MOST_CHANGES));
            ByteBuffer out = ByteBuffer.allocate(HEAD_BYTES + some.size() * CHANGE_BYTES)
                    .put((byte) VERSION)
                    .put((byte) replica)
                    .putLong(sender);
            some.forEach(change -> write(out, change));
            frames.add(Arrays.copyOf(out.array(), out.position()));
        }
        return frames;
    }

    private static void write(ByteBuffer out, MemberChange change) {
        Counting.Stand stand = change.stand();
        Counting.Report last = stand.last();
        Location v4 = change.v4();
        Location v6 = change.v6();
        out.put((byte) (change.state().code()
                | (change.leeched() ? LEECHED : 0)
                | (change.completed() ? COMPLETED : 0)
                | (last.seeding() ? SEEDING : 0)
                | (v4 == null ? 0 : V4)
                | (v6 == null ? 0 : V6)));
        write(out, change.tenant());
        write(out, change.user());
        SwarmKey torrent = change.torrent();
        out.putLong(torrent.first()).putLong(torrent.second()).putInt(torrent.last());
        PeerKey peer = change.peer();
        out.putLong(peer.first()).putLong(peer.second()).putInt(peer.last());
        out.putInt(change.downloaded());
        out.putLong(last.uploaded()).putLong(last.downloaded());
        out.put((byte) EVENTS.indexOf(last.event())).putLong(last.at());
        out.putLong(stand.start()).putLong(stand.uploaded()).putLong(stand.downloaded());
        out.putLong(stand.seedingMillis());
        if (v4 != null) {
            out.putInt(v4.address().v4()).putShort((short) v4.port()).putLong(v4.at());
        }
        if (v6 != null) {
            out.putLong(v6.address().high()).putLong(v6.address().low());
            out.putShort((short) v6.port()).putLong(v6.at());
        }
    }

    private static void write(ByteBuffer out, UUID id) {
        out.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    /** The frame with these {@code bytes}. */
    static MemberFrame read(byte[] bytes) throws BadFrameException {
        require(bytes.length >= HEAD_BYTES && bytes.length <= Frame.MOST_BYTES, "length");
        ByteBuffer in = ByteBuffer.wrap(bytes);
        require(in.get() == VERSION, "version");
        int replica = Byte.toUnsignedInt(in.get());
        long sender = in.getLong();
        List<MemberChange> changes = new ArrayList<>();
        try {
            while (in.hasRemaining()) {
                changes.add(change(in, replica));
            }
        } catch (BufferUnderflowException e) {
            throw new BadFrameException("a change is cut off");
        }
        return new MemberFrame(sender, List.copyOf(changes));
    }

    private static MemberChange change(ByteBuffer in, int replica) throws BadFrameException {
        int flags = in.get();
        require((flags & NONE) == 0, "flags");
        UUID tenant = new UUID(in.getLong(), in.getLong());
        UUID user = new UUID(in.getLong(), in.getLong());
        SwarmKey torrent = new SwarmKey(in.getLong(), in.getLong(), in.getInt());
        PeerKey peer = new PeerKey(in.getLong(), in.getLong(), in.getInt());
        int downloaded = in.getInt();
        require(downloaded >= 0, "downloaded");
        Counting.Stand stand = stand(in, (flags & SEEDING) != 0);
        Location v4 = location(in, (flags & V4) != 0, true, stand.last().at());
        Location v6 = location(in, (flags & V6) != 0, false, stand.last().at());
        return new MemberChange(
                tenant,
                user,
                torrent,
                peer,
                PeerState.of(flags & STATE),
                (flags & LEECHED) != 0,
                (flags & COMPLETED) != 0,
                downloaded,
                v4,
                v6,
                stand,
                replica);
    }

    private static Counting.Stand stand(ByteBuffer in, boolean seeding) throws BadFrameException {
        long reportedUp = positive(in.getLong());
        long reportedDown = positive(in.getLong());
        int event = in.get();
        require(event >= 0 && event < EVENTS.size(), "event");
        long at = positive(in.getLong());
        Counting.Report last = new Counting.Report(reportedUp, reportedDown, EVENTS.get(event), seeding, at);
        Counting.Stand stand = new Counting.Stand(
                last, positive(in.getLong()), positive(in.getLong()), positive(in.getLong()), positive(in.getLong()));
        require(stand.start() <= at && stand.uploaded() <= reportedUp && stand.downloaded() <= reportedDown, "session");
        return stand;
    }

    private static long positive(long number) throws BadFrameException {
        require(number >= 0, "number");
        return number;
    }

    private static @Nullable Location location(ByteBuffer in, boolean isThere, boolean isV4, long latest)
            throws BadFrameException {
        if (!isThere) {
            return null;
        }
        Address address = isV4 ? Address.ofV4(in.getInt()) : new Address(in.getLong(), in.getLong());
        require(address.isUnicast() && address.isV4() == isV4, "address");
        int port = Short.toUnsignedInt(in.getShort());
        require(port != 0, "port");
        long at = positive(in.getLong());
        require(at <= latest, "time");
        return new Location(address, port, at);
    }

    private static void require(boolean holds, String field) throws BadFrameException {
        if (!holds) {
            throw new BadFrameException("a frame's " + field + " cannot be");
        }
    }
}
