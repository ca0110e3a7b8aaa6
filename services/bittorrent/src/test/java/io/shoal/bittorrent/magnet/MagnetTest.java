package io.shoal.bittorrent.magnet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.bittorrent.Fuzz;
import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.magnet.Magnet.FileRange;
import io.shoal.bittorrent.metainfo.MetainfoException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MagnetTest {
    private static final String HEX = "0123456789abcdef0123456789abcdef01234567";
    private static final String BASE32 = "AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH";
    private static final String XT = "magnet:?xt=urn:btih:" + HEX;

    @Test
    void everyHintIsRead() throws Exception {
        Magnet magnet = Magnet.parse(XT
                + "&dn=a+b%20%C3%A9&tr=http%3A%2F%2Fa%2Fann%3Fk%3D1%26l%3D2&tr.1=udp://b:80&ws=https://w/"
                + "&x.pe=10.0.0.1:6881&x.pe=[::1]:6881&so=0,2,4-7&unknown=1&xl=5");

        assertThat(magnet)
                .isEqualTo(new Magnet(
                        InfoHash.ofHex(HEX),
                        "a+b é",
                        List.of("http://a/ann?k=1&l=2", "udp://b:80"),
                        List.of("https://w/"),
                        List.of("10.0.0.1:6881", "[::1]:6881"),
                        List.of(new FileRange(0, 0), new FileRange(2, 2), new FileRange(4, 7))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "magnet:?xt=urn:btih:" + HEX,
                "MAGNET:?XT=URN:BTIH:0123456789ABCDEF0123456789ABCDEF01234567",
                "magnet:?xt=urn:btih:" + BASE32,
                "magnet:?xt=urn:btih:aerukz4jvpg66ajdivtytk6n54asgrlh",
                "magnet:?dn=x&&=&xt.1=urn:btih:" + HEX,
                "magnet:?xt=urn:btmh:1220aaaa&xt=urn:btih:" + HEX,
                "magnet:?xt=urn:btih:" + HEX + "&xt=urn:btih:" + BASE32,
                "magnet:?xt=urn%3Abtih%3A" + HEX,
                "magnet:?dn=x&amp;xt=urn:btih:" + HEX,
            })
    void theHashIsReadInItsForms(String uri) throws Exception {
        assertThat(Magnet.parse(uri).infoHash()).isEqualTo(InfoHash.ofHex(HEX));
        assertThat(Magnet.parse(uri).selectOnly()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "magnet:",
                "http://a/?xt=urn:btih:" + HEX,
                "magnet:?",
                "magnet:?dn=x",
                "magnet:?xt=urn:btmh:1220aaaa",
                "magnet:?xt=urn:btih:",
                "magnet:?xt=urn:btih:0123",
                "magnet:?xt=urn:btih:g123456789abcdef0123456789abcdef01234567",
                "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
                "magnet:?xt=urn:btih:1ERUKZ4JVPG66AJDIVTYTK6N54ASGRLH",
                "magnet:?xt=urn:btih:ßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßßß",
                "magnet:?xt=urn:btih:ııııııııııııııııııııııııııııııı2",
                "magnet:?xt=urn:btih:%zz",
                "magnet:?xt=urn:btih:" + HEX + "&xt=urn:btih:1123456789abcdef0123456789abcdef01234567",
            })
    void withoutOneGoodHashThereIsNoMagnet(String uri) {
        assertThatThrownBy(() -> Magnet.parse(uri)).isInstanceOf(MetainfoException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1-", "-1", "3-1", "1,,2", "1-2-3", "100000", "0-99999999999", "1;2"})
    void anUnreadableSelectionIsRefused(String selection) {
        assertThatThrownBy(() -> Magnet.parse(XT + "&so=" + selection))
                .isInstanceOfSatisfying(
                        MetainfoException.class, e -> assertThat(e.field()).isEqualTo("magnet.so"));
    }

    @Test
    void hintsThatCannotBeUsedAreLeftOut() throws Exception {
        Magnet magnet =
                Magnet.parse(XT + "&dn=100%&dn=50%25&tr=ftp://a/&tr=%zz&tr=udp://b:0&ws=udp://b:1&x.pe=portless&x.pe="
                        + "a".repeat(301) + ":1");

        assertThat(magnet.name()).isEqualTo("50%");
        assertThat(magnet.trackers()).isEmpty();
        assertThat(magnet.webSeeds()).isEmpty();
        assertThat(magnet.peers()).isEmpty();
    }

    @Test
    void trackersThatSitesReallyHandOutAreKept() throws Exception {
        Magnet magnet =
                Magnet.parse(XT + "&dn=\ud83d\ude00&tr=http://a_b/x?k=1|2&amp;tr=udp://b&tr=http%3A%2F%2Fu%3Ap%40c%2F");

        assertThat(magnet.name()).isEqualTo("\ud83d\ude00");
        assertThat(magnet.trackers()).containsExactly("http://a_b/x?k=1|2", "udp://b", "http://u:p@c/");
    }

    @Test
    void noMoreIsKeptThanTheLimits() throws Exception {
        StringBuilder uri = new StringBuilder(XT);
        for (int i = 0; i < 100; i++) {
            uri.append("&tr=http://t%d/&ws=http://w%d/&x.pe=h%d:1&tr=http://t0/".formatted(i, i, i));
        }
        Magnet magnet = Magnet.parse(uri.toString());

        assertThat(magnet.trackers()).hasSize(Limits.TRACKERS).doesNotHaveDuplicates();
        assertThat(magnet.webSeeds()).hasSize(Limits.WEB_SEEDS);
        assertThat(magnet.peers()).hasSize(Magnet.PEERS);
        assertThatThrownBy(() -> Magnet.parse(XT + "&dn=" + "x".repeat(Limits.MAGNET_CHARS)))
                .hasMessageContaining("16384");
    }

    @Test
    @Timeout(30)
    void brokenMagnetsAreReadOrRefusedAndNothingElse() {
        List<byte[]> corpus = List.of(
                (XT + "&dn=a%20b&tr=http%3A%2F%2Fa%2F&tr.1=udp://b:80&so=0,2,4-7&x.pe=1.2.3.4:5").getBytes(ISO_8859_1),
                ("magnet:?xt=urn:btih:" + BASE32 + "&ws=https://w/").getBytes(ISO_8859_1));
        Fuzz.mutated(20_000, corpus, input -> {
            try {
                assertThat(Magnet.parse(new String(input, ISO_8859_1)).infoHash())
                        .isNotNull();
            } catch (MetainfoException e) {
                assertThat(e.field()).startsWith("magnet");
            }
        });
    }
}
