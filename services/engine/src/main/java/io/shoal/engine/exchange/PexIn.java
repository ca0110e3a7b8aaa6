package io.shoal.engine.exchange;

import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Decides which of the addresses that peers name become candidates of a torrent. Contacts that have left are not read:
 * whether an address is worth dialling shows when it is dialled.
 *
 * <p>Invariant: of the candidates that wait, at most {@link ExchangeLimits#CONTACTS_PER_SENDER} were named by one
 * sender, however often it connects; a sender is an IPv4 address, or 64 bits of an IPv6 address. Confined to the
 * torrent's loop.
 */
public final class PexIn {
    private static final int NETWORK_BYTES = 8;

    private final Predicate<Contact> isUseful;
    private final Predicate<InetSocketAddress> isWaiting;

    /** The candidates that each sender has named, some of which may no longer wait. */
    private final Map<InetAddress, Set<InetSocketAddress>> bySender = new HashMap<>();

    /**
     * @param isUseful whether a contact is worth dialling and is not known yet
     * @param isWaiting whether an address waits to be dialled
     */
    public PexIn(Predicate<Contact> isUseful, Predicate<InetSocketAddress> isWaiting) {
        this.isUseful = isUseful;
        this.isWaiting = isWaiting;
    }

    /** When a connected peer has sent its last messages. */
    public static final class Sender {
        private final long[] last = new long[ExchangeLimits.MESSAGES];
        private int next;
        private boolean isFull;

        /** The peer has sent a message. @return whether it sends more than it may, and must be closed */
        public boolean floods(long now) {
            boolean floods = isFull && now - last[next] < ExchangeLimits.INTERVAL.toNanos();
            last[next] = now;
            next = (next + 1) % last.length;
            isFull |= next == 0;
            return floods;
        }
    }

    /** Returns the addresses of {@code message} that must be added to the candidates. */
    public List<InetSocketAddress> received(InetAddress sender, PexMessage message) {
        List<InetSocketAddress> accepted = new ArrayList<>();
        boolean isLocal = AddressScope.isLocal(sender);
        Set<InetSocketAddress> waiting = waitingOf(network(sender));
        for (Contact each : message.added()) {
            if (accepted.size() == ExchangeLimits.CONTACTS_KEPT
                    || waiting.size() >= ExchangeLimits.CONTACTS_PER_SENDER) {
                break;
            }
            InetAddress host = each.address().getAddress();
            if ((isLocal || !AddressScope.isLocal(host)) && isUseful.test(each) && waiting.add(each.address())) {
                accepted.add(each.address());
            }
        }
        return accepted;
    }

    private Set<InetSocketAddress> waitingOf(InetAddress network) {
        if (bySender.size() >= ExchangeLimits.SENDERS) {
            bySender.values().removeIf(each -> !keepWaiting(each));
        }
        Set<InetSocketAddress> waiting = bySender.computeIfAbsent(network, n -> new HashSet<>());
        keepWaiting(waiting);
        return waiting;
    }

    /** Returns whether any is left. */
    private boolean keepWaiting(Set<InetSocketAddress> addresses) {
        addresses.removeIf(each -> !isWaiting.test(each));
        return !addresses.isEmpty();
    }

    private static InetAddress network(InetAddress address) {
        byte[] bytes = address.getAddress();
        for (int i = NETWORK_BYTES; i < bytes.length; i++) {
            bytes[i] = 0;
        }
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError("as long as an address", e);
        }
    }
}
