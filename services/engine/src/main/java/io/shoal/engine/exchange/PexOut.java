package io.shoal.engine.exchange;

import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import io.shoal.bittorrent.wire.PexMessage.Flag;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides which peers of a public torrent are told to which others, and when: each peer receives the difference to what
 * it was told before, at most {@link ExchangeLimits#CONTACTS_SENT} contacts of either kind a minute.
 *
 * <p>Peers get numbers in the order in which they become known. What a peer was told is then two ranges of numbers, however
 * many peers there are: from a random start upwards, and, while that leaves room, from the lowest number up to the
 * start. Peers thus learn of different parts of the swarm first.
 *
 * <p>Invariant: only connected peers are named, each at most once to each other and never to itself. An address that is
 * not globally reachable is named to peers that have such an address only. Confined to the torrent's loop.
 */
public final class PexOut {
    private final RandomGenerator random;

    /** The peers that may be named, by number. */
    private final NavigableMap<Long, Partner> named = new TreeMap<>();

    private final Map<InetSocketAddress, Partner> byAddress = new HashMap<>();

    /** The last ones, the oldest first. */
    private final Deque<Departure> departures = new ArrayDeque<>();

    private long numbers;
    private long departed;

    /** @param random spreads messages over time, and the peers that are named over those that are told */
    public PexOut(RandomGenerator random) {
        this.random = random;
    }

    /** A connected peer: what it was told, and under which address others are told of it. */
    public static final class Partner {
        private final boolean isLocal;
        private final Supplier<Set<Flag>> flags;

        /** Where it accepts connections; null while it must not be named. */
        private @Nullable InetSocketAddress address;

        private long number;

        /** It was told of the peers above this number, up to {@link #upwards}. */
        private final long start;

        private long upwards;

        /** It was told of the peers up to this number, which is not above {@link #start}. */
        private long fromBelow;

        /** The order of the last departure that it was told, or did not have to be. */
        private long departures;

        private boolean wasTold;
        private long nextAt;

        private Partner(boolean isLocal, Supplier<Set<Flag>> flags, long start, long departures) {
            this.isLocal = isLocal;
            this.flags = flags;
            this.start = start;
            this.upwards = start;
            this.departures = departures;
        }

        private boolean knows(long other) {
            return other > start ? other <= upwards : other <= fromBelow;
        }
    }

    private record Departure(long order, long number, InetSocketAddress address) {}

    /**
     * A peer has connected.
     *
     * @param address of the connection
     * @param flags returns what others are told about it
     */
    public Partner join(InetAddress address, Supplier<Set<Flag>> flags) {
        return new Partner(AddressScope.isLocal(address), flags, randomStart(), departed);
    }

    private long randomStart() {
        return named.isEmpty()
                ? numbers
                : named.keySet().stream()
                        .skip(random.nextInt(named.size()))
                        .findFirst()
                        .orElse(numbers);
    }

    /**
     * The peer accepts connections at {@code address}; null if that is not known. Has no effect if that has not changed,
     * or if another peer is named with this address.
     */
    public void locate(Partner partner, @Nullable InetSocketAddress address) {
        if (address == null || address.equals(partner.address)) {
            return;
        }
        leave(partner);
        if (byAddress.putIfAbsent(address, partner) == null) {
            partner.address = address;
            partner.number = ++numbers;
            named.put(partner.number, partner);
        }
    }

    /** The peer has disconnected. */
    public void leave(Partner partner) {
        InetSocketAddress address = partner.address;
        if (address != null) {
            partner.address = null;
            named.remove(partner.number);
            byAddress.remove(address);
            departures.add(new Departure(++departed, partner.number, address));
            if (departures.size() > ExchangeLimits.DEPARTURES) {
                departures.removeFirst();
            }
        }
    }

    /** Returns the message that is due for a peer now; null if none is, or there is nothing to tell. */
    public @Nullable PexMessage next(Partner receiver, long now) {
        if (receiver.wasTold && now - receiver.nextAt < 0) {
            return null;
        }
        List<InetSocketAddress> dropped = dropped(receiver); // first, because it goes by what the receiver knows
        List<Contact> added = new ArrayList<>();
        receiver.upwards = add(named.tailMap(receiver.upwards, false).values(), receiver, receiver.upwards, added);
        receiver.fromBelow = add(
                named.subMap(receiver.fromBelow, false, receiver.start, true).values(),
                receiver,
                receiver.fromBelow,
                added);
        if (added.isEmpty() && dropped.isEmpty()) {
            return null;
        }
        receiver.wasTold = true;
        receiver.nextAt = now + ExchangeLimits.INTERVAL.toNanos() + random.nextLong(ExchangeLimits.JITTER.toNanos());
        return new PexMessage(added, dropped);
    }

    /**
     * Adds the first of {@code partners} to {@code added} while there is room.
     *
     * @return the number of the last one that was added or passed over; {@code reached} if there was none
     */
    private static long add(Collection<Partner> partners, Partner receiver, long reached, List<Contact> added) {
        long last = reached;
        for (Partner each : partners) {
            if (added.size() == ExchangeLimits.CONTACTS_SENT) {
                break;
            }
            last = each.number;
            InetSocketAddress address = each.address;
            if (address != null && each != receiver && mayKnow(receiver, address)) {
                added.add(new Contact(address, each.flags.get()));
            }
        }
        return last;
    }

    private List<InetSocketAddress> dropped(Partner receiver) {
        List<InetSocketAddress> dropped = new ArrayList<>();
        if (receiver.departures == departed) {
            return dropped;
        }
        for (Departure each : departures) {
            if (dropped.size() == ExchangeLimits.CONTACTS_SENT) {
                break;
            }
            if (each.order <= receiver.departures) {
                continue;
            }
            receiver.departures = each.order;
            if (receiver.knows(each.number)
                    && mayKnow(receiver, each.address)
                    && !byAddress.containsKey(each.address)) { // it would have come back
                dropped.add(each.address);
            }
        }
        return dropped;
    }

    private static boolean mayKnow(Partner receiver, InetSocketAddress address) {
        return receiver.isLocal || !AddressScope.isLocal(address.getAddress());
    }
}
