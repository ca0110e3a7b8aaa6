package io.shoal.bittorrent.metainfo;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.metainfo.SourceUrl.Scheme;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceUrlTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "http://t.example/announce HTTP t.example 80 /announce",
                "HTTP://T.Example:8080/Announce?k=1&L=2 HTTP t.example 8080 /Announce?k=1&L=2",
                "https://t.example HTTPS t.example 443 /",
                "https://t.example?x HTTPS t.example 443 /?x",
                "udp://t.example:6969/announce UDP t.example 6969 /announce",
                "udp://t.example UDP t.example 80 /",
                "http://t.example:/a HTTP t.example 80 /a",
                "http://t.example/a?authkey=1|2|3 HTTP t.example 80 /a?authkey=1|2|3",
                "http://my_tracker.example/a HTTP my_tracker.example 80 /a",
                "http://t.example/a[b]{c}^`%zz HTTP t.example 80 /a[b]{c}^`%zz",
                "http://t.example/ä?ö HTTP t.example 80 /%C3%A4?%C3%B6",
                "http://bücher.example/ HTTP xn--bcher-kva.example 80 /",
                "http://192.0.2.1:1/a HTTP 192.0.2.1 1 /a",
                "http://[2001:DB8::1]:65535/a HTTP 2001:db8::1 65535 /a",
                "udp://[::1] UDP ::1 80 /",
                "http://user:pass@t.example:81/a@b HTTP t.example 81 /a@b",
                "http://t.example/a#b HTTP t.example 80 /a",
                "http://localhost.:1/ HTTP localhost. 1 /",
            })
    void whatOtherClientsReadIsRead(String url, Scheme scheme, String host, int port, String target) {
        SourceUrl parsed = parse(url);

        assertThat(parsed.scheme()).isEqualTo(scheme);
        assertThat(parsed.host()).isEqualTo(host);
        assertThat(parsed.port()).isEqualTo(port);
        assertThat(parsed.target()).isEqualTo(target);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "nonsense",
                "http:",
                "http:/a",
                "http://",
                "http:///a",
                "http://:80/",
                "ftp://a/",
                "wss://a/",
                "://a/",
                "http://a:0/",
                "http://a:65536/",
                "http://a:x/",
                "http://a:80:81/",
                "http://a b/",
                "http://[::1/",
                "http://[]/",
                "http://[g::]/",
                "http://a%00b/",
                "http://a..b/",
                "udp://a:-1"
            })
    void whatNamesNoServerIsNot(String url) {
        assertThat(SourceUrl.parse(url)).isNull();
        assertThat(SourceUrl.isTracker(url)).isFalse();
    }

    @Test
    void spacesAroundAreCutAndThoseInsideAreEncoded() {
        SourceUrl url = parse(" http://t.example/a b\u0007\n");

        assertThat(url.target()).isEqualTo("/a%20b%07");
    }

    @Test
    void theLimitCountsBytes() {
        String most = "http://a/" + "é".repeat((Limits.URL_BYTES - 9) / 2);

        assertThat(SourceUrl.parse(most)).isNotNull();
        assertThat(SourceUrl.parse(most + "éé")).isNull();
    }

    @Test
    void aTrackerMayBeUdpAndAWebSeedMayNot() {
        assertThat(SourceUrl.isTracker("udp://a:1")).isTrue();
        assertThat(SourceUrl.isWebSeed("udp://a:1")).isFalse();
        assertThat(SourceUrl.isWebSeed("https://a/")).isTrue();
    }

    @Test
    void theServerIsNamedAsAHostHeaderNamesIt() {
        assertThat(parse("http://a:80/").authority()).isEqualTo("a");
        assertThat(parse("http://a:443/").authority()).isEqualTo("a:443");
        assertThat(parse("https://[::1]:5/").authority()).isEqualTo("[::1]:5");
    }

    @Test
    void aUserAndAPasswordAreAnAuthorization() {
        assertThat(parse("http://user:p%40ss@a/").authorization()).isEqualTo("Basic dXNlcjpwQHNz");
        assertThat(parse("http://user:p@ss@a/").authorization()).isEqualTo("Basic dXNlcjpwQHNz");
        assertThat(parse("http://user@a/").authorization()).isEqualTo("Basic dXNlcjo=");
        assertThat(parse("http://u:50%@a/").authorization()).isEqualTo("Basic dTo1MCU=");
        assertThat(parse("http://@a/").authorization()).isNull();
        assertThat(parse("http://a/").authorization()).isNull();
    }

    @Test
    void nothingSecretIsPrinted() {
        assertThat(parse("http://user:secret@a:1/secret?secret=1")).hasToString("http://a:1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "https://b/x https://b /x",
                "//b/x http://b /x",
                "/x http://a:1 /x",
                "x?y=: http://a:1 /d/x?y=:",
                "?z http://a:1 /d/e?z",
                "#f http://a:1 /d/e?q=/",
                "/é http://a:1 /%C3%A9",
            })
    void aRedirectIsResolved(String location, String server, String target) {
        SourceUrl to = Objects.requireNonNull(parse("http://a:1/d/e?q=/").resolve(location));

        assertThat(to).hasToString(server);
        assertThat(to.target()).isEqualTo(target);
    }

    @Test
    void aRedirectToNoServerIsRefused() {
        SourceUrl from = parse("http://a:1/d/e");

        assertThat(from.resolve("ftp://b/")).isNull();
        assertThat(from.resolve("javascript:alert(1)")).isNull();
        assertThat(from.resolve("http:///x")).isNull();
        assertThat(from.resolve("/" + "x".repeat(4 * Limits.URL_BYTES))).isNull();
    }

    @Test
    void credentialsStayAtTheirOrigin() {
        SourceUrl from = parse("http://u:p@a:1/");

        assertThat(from.hasOriginOf(parse("http://A:1/x"))).isTrue();
        assertThat(from.hasOriginOf(parse("http://a:2/"))).isFalse();
        assertThat(from.hasOriginOf(parse("https://a:1/"))).isFalse();
        assertThat(from.hasOriginOf(parse("http://b:1/"))).isFalse();
    }

    @Test
    void anyTextIsReadOrRefusedAndWhatIsReadFitsARequestLine() {
        Random random = new Random(3);
        String alphabet = "http://udps:@[]?#%&=. a1é\u0000\n|_\\\ud83d\ude00";
        for (int i = 0; i < 50_000; i++) {
            StringBuilder text = new StringBuilder(random.nextBoolean() ? "http://" : "");
            for (int length = random.nextInt(20); length > 0; length--) {
                text.append(alphabet.charAt(random.nextInt(alphabet.length())));
            }
            SourceUrl url = SourceUrl.parse(text.toString());
            if (url != null) {
                assertThat(url.target()).startsWith("/").matches("[!-~]+");
                assertThat(url.authority()).matches("[!-~]+");
                assertThat(url.target().getBytes(StandardCharsets.UTF_8).length).isLessThanOrEqualTo(60 * 4);
            }
        }
    }

    private static SourceUrl parse(String url) {
        return Objects.requireNonNull(SourceUrl.parse(url), url);
    }
}
