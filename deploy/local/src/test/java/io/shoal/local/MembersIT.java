package io.shoal.local;

import static io.shoal.local.clients.Program.ARIA2;
import static io.shoal.local.clients.Program.LIBTORRENT;
import static io.shoal.local.clients.Program.QBITTORRENT;
import static io.shoal.local.clients.Program.RTORRENT;
import static io.shoal.local.clients.Program.TRANSMISSION;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.MetainfoBuilder;
import io.shoal.local.client.ShoalClient.Account;
import io.shoal.local.clients.Meeting;
import io.shoal.local.clients.Program;
import io.shoal.local.torrents.Content;
import io.shoal.local.torrents.Sha256;
import io.shoal.local.world.Await;
import io.shoal.local.world.Network;
import io.shoal.local.world.TestPlatform;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * Row 12 with clients that many people use: each has a passkey of its tenant's in its announce URL, they and the platform find
 * each other, nobody else is let in, and the tenant reads what each of them did.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class MembersIT {
    private static final int SIZE = (1 << 20) + 11;
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @Order(1)
    @RegisterExtension
    private static final Network network = new Network();

    @Order(2)
    @RegisterExtension
    private static final TestPlatform world =
            TestPlatform.with(options -> options.bind(network.hosts().ourAddress())
                    .with("SHOAL_TRACKER_INTERVAL", "4s")
                    .with("SHOAL_TRACKER_MIN_INTERVAL", "2s"));

    @TempDir
    private Path folder;

    @Test
    void membersMeetOverHttp() throws Exception {
        meet(0, ARIA2, LIBTORRENT, TRANSMISSION, QBITTORRENT, RTORRENT);
    }

    /** The two that send the path of a UDP tracker's URL (BEP 41), in which the passkey is. */
    @Test
    void membersMeetOverUdp() throws Exception {
        meet(1, QBITTORRENT, LIBTORRENT);
    }

    /** @param protocol index of an announce URL among those of a passkey */
    private void meet(int protocol, Program seed, Program... leeches) throws Exception {
        Path file = TestPlatform.randomFile(folder.resolve("content/file"), SIZE, 71 + protocol);
        Content content = Content.of(file);
        List<String> platforms = world.client().passkey("the platform");
        byte[] submitted = torrent(file, platforms.get(protocol));
        String transfer = world.client().submit(submitted).id();
        InfoHash hash = InfoHash.ofHex(
                world.client().transfer(transfer).raw().path("infoHash").asText());

        Map<Program, List<String>> passkeys = new EnumMap<>(Program.class);
        Meeting.Invitation invitation = guest -> {
            passkeys.put(guest, world.client().passkey(guest.name()));
            return torrent(file, passkeys.get(guest).get(protocol));
        };
        String strangers = "http://" + URI.create(platforms.getFirst()).getAuthority() + "/announce";
        try (Meeting meeting = new Meeting(network.hosts())) {
            meeting.meet(
                    platforms.get(protocol).substring(0, 4),
                    content,
                    invitation,
                    () -> scrape(platforms.getFirst(), hash).matches("(?s).*8:completei[1-9].*"),
                    seed,
                    leeches);
            world.awaitComplete(transfer);
            assertThat(scrape(strangers, hash)).doesNotContainPattern("8:completei[1-9]");
            assertThat(announce(strangers, hash)).contains("14:failure reason");
            // Transmission 3 does not tell its tracker that it leaves, and so must have told before what it got.
            awaitAccounts(
                    "what Transmission got is accounted for",
                    transfer,
                    accounts -> !List.of(leeches).contains(TRANSMISSION) || hasAllOf(accounts, TRANSMISSION));
        }
        assertThat(world.download(transfer, 0)).isEqualTo(Sha256.of(file));
        awaitAccounts(
                "what each leech got is accounted for, and the one copy that there was",
                transfer,
                accounts -> Stream.of(leeches).allMatch(leech -> hasAllOf(accounts, leech))
                        && account(accounts, seed).uploaded() >= SIZE
                        && account(accounts, seed).downloaded() == 0);
    }

    private static boolean hasAllOf(List<Account> accounts, Program leech) {
        return account(accounts, leech).downloaded() >= SIZE;
    }

    private static void awaitAccounts(String what, String transfer, Predicate<List<Account>> condition)
            throws Exception {
        List<Account> accounts = new CopyOnWriteArrayList<>();
        Await.until(
                what,
                Duration.ofSeconds(30),
                () -> {
                    accounts.clear();
                    accounts.addAll(world.client().accounts(transfer));
                    return condition.test(accounts);
                },
                () -> accounts);
    }

    private static Account account(List<Account> accounts, Program program) {
        return accounts.stream()
                .filter(account -> account.name().equals(program.name()))
                .findFirst()
                .orElse(new Account(program.name(), 0, 0));
    }

    private static byte[] torrent(Path file, String announce) throws Exception {
        return MetainfoBuilder.ofFile(file)
                .pieceLength(TestPlatform.PIECE_LENGTH)
                .trackers(List.of(announce))
                .makePrivate()
                .build()
                .encode();
    }

    private static String scrape(String announce, InfoHash hash) throws Exception {
        return get(announce.replaceFirst("announce$", "scrape") + "?info_hash=" + escaped(hash));
    }

    private static String announce(String url, InfoHash hash) throws Exception {
        return get(url + "?info_hash=" + escaped(hash) + "&peer_id=-TS0001-abcdefghijkl&port=6881&left=5");
    }

    private static String escaped(InfoHash hash) {
        return "%" + String.join("%", hash.hex().split("(?<=\\G..)"));
    }

    private static String get(String url) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .build();
        return new String(HTTP.send(request, BodyHandlers.ofByteArray()).body(), StandardCharsets.ISO_8859_1);
    }
}
