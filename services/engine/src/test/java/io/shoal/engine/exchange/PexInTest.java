package io.shoal.engine.exchange;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.wire.PexMessage;
import io.shoal.bittorrent.wire.PexMessage.Contact;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PexInTest {
    private static final long SECOND = Duration.ofSeconds(1).toNanos();
    private static final InetAddress SENDER = InetAddress.ofLiteral("8.8.8.8");

    private final Set<InetSocketAddress> waiting = new HashSet<>();
    private final PexIn in = new PexIn(
            contact -> contact.address().getPort() != 1 && !waiting.contains(contact.address()), waiting::contains);
    private int named;

    /** The sender names so many addresses that it has not named before; those that are accepted wait. */
    private List<InetSocketAddress> names(InetAddress sender, int count) {
        List<InetSocketAddress> addresses = IntStream.range(named, named + count)
                .mapToObj(n -> address(n, 6881))
                .toList();
        named += count;
        return names(sender, addresses);
    }

    private List<InetSocketAddress> names(InetAddress sender, List<InetSocketAddress> addresses) {
        List<InetSocketAddress> accepted = in.received(
                sender,
                new PexMessage(
                        addresses.stream()
                                .map(each -> new Contact(each, Set.of()))
                                .toList(),
                        List.of()));
        waiting.addAll(accepted);
        return accepted;
    }

    private static InetSocketAddress address(int number, int port) {
        return new InetSocketAddress(
                InetAddress.ofLiteral("9." + number / 65536 + "." + number / 256 % 256 + "." + number % 256), port);
    }

    @Test
    void aMessageBringsFiftyAndASenderAHundredThatWait() {
        assertThat(names(SENDER, 2_000)).hasSize(50);
        assertThat(names(SENDER, 2_000)).hasSize(50);
        assertThat(names(SENDER, 2_000)).as("its share waits already").isEmpty();
        assertThat(names(InetAddress.ofLiteral("8.8.4.4"), 30))
                .as("another sender has a share of its own")
                .hasSize(30);

        waiting.removeAll(waiting.stream().limit(40).toList());
        assertThat(names(SENDER, 2_000).size())
                .as("room for those that were dialled")
                .isBetween(10, 40);
    }

    @Test
    void whatIsNotUsefulTakesNoPlace() {
        List<InetSocketAddress> useless =
                IntStream.range(0, 150).mapToObj(n -> address(n, 1)).toList();
        assertThat(names(SENDER, useless)).isEmpty();
        List<InetSocketAddress> twice = List.of(address(200, 6881), address(200, 6881));
        assertThat(names(SENDER, twice)).hasSize(1);
        assertThat(names(SENDER, twice)).as("it waits already").isEmpty();
        assertThat(names(SENDER, 50)).hasSize(50);
        assertThat(names(SENDER, 50)).hasSize(49);
    }

    @Test
    void aSenderWithManyAddressesOfOneNetworkIsOneSender() {
        for (int i = 1; i <= 4; i++) {
            names(InetAddress.ofLiteral("2a00:1:1:2::" + i), 50);
        }
        assertThat(waiting).hasSize(100);
        assertThat(names(InetAddress.ofLiteral("2a00:1:1:3::1"), 50)).hasSize(50);
    }

    @Test
    void anOutsiderNamesNoLocalAddress() {
        List<InetSocketAddress> inside = List.of(
                new InetSocketAddress(InetAddress.ofLiteral("10.0.0.1"), 6881),
                new InetSocketAddress(InetAddress.ofLiteral("fd00::1"), 6881),
                new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 6881));
        assertThat(names(SENDER, inside)).isEmpty();
        assertThat(names(InetAddress.ofLiteral("192.168.3.4"), inside)).isEqualTo(inside);
    }

    @Test
    void manySendersAreRememberedOnlyWhileTheirAddressesWait() {
        for (int i = 0; i < 5_000; i++) {
            assertThat(names(address(i, 9).getAddress(), 1)).hasSize(1);
            waiting.clear();
        }
        assertThat(names(SENDER, 60)).hasSize(50);
    }

    @Test
    void messagesMayComeTogetherOnceAndNotAsAFlood() {
        PexIn.Sender patient = new PexIn.Sender();
        for (int minute = 0; minute < 30; minute++) {
            assertThat(patient.floods(-5 + minute * 60L * SECOND)).isFalse();
        }
        PexIn.Sender delayed = new PexIn.Sender();
        for (int i = 0; i < ExchangeLimits.MESSAGES; i++) {
            assertThat(delayed.floods(7)).isFalse();
        }
        assertThat(delayed.floods(7 + 60 * SECOND)).isFalse();

        PexIn.Sender flood = new PexIn.Sender();
        for (int i = 0; i < ExchangeLimits.MESSAGES; i++) {
            assertThat(flood.floods(i * SECOND)).isFalse();
        }
        assertThat(flood.floods(10 * SECOND)).isTrue();
    }
}
