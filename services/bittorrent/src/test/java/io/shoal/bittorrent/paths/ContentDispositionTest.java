package io.shoal.bittorrent.paths;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.Fuzz;
import java.net.URLDecoder;
import java.util.List;
import org.junit.jupiter.api.Test;

class ContentDispositionTest {
    @Test
    void aPlainNameStandsAsItIs() {
        assertThat(ContentDisposition.attachment("a film (2024).mkv"))
                .isEqualTo("attachment; filename=\"a film (2024).mkv\"");
        assertThat(ContentDisposition.inline("a.mp4")).isEqualTo("inline; filename=\"a.mp4\"");
    }

    @Test
    void anyOtherNameIsEncodedBesideAPlainOne() {
        assertThat(ContentDisposition.attachment("é 100% €.mkv"))
                .isEqualTo("attachment; filename=\"_ 100_ _.mkv\"; filename*=UTF-8''%C3%A9%20100%25%20%E2%82%AC.mkv");
    }

    @Test
    void aHeaderCannotBeBrokenOutOf() {
        assertThat(ContentDisposition.attachment("a\"; filename=evil.exe\r\nSet-Cookie: x=1"))
                .isEqualTo("attachment; filename=\"a_; filename=evil.exe__Set-Cookie_ x=1\"");
        assertThat(ContentDisposition.attachment("../../a\\")).isEqualTo("attachment; filename=\".._.._a_\"");
    }

    @Test
    void everyNameGivesOneLineOfAsciiThatDecodesToIt() {
        Fuzz.mutated(5_000, List.of("é\"; x=\r\n%.mkv".getBytes(UTF_8), "日本🎬'*".getBytes(UTF_8)), input -> {
            String name = CleanPath.name(new String(input, UTF_8));
            String value = ContentDisposition.attachment(new String(input, UTF_8));
            assertThat(value)
                    .matches("attachment; filename=\"[ -~&&[^\"\\\\%]]+\"(; filename\\*=UTF-8''[!-~&&[^\"';, ]]+)?");
            int extended = value.indexOf("filename*=UTF-8''");
            String given = extended < 0
                    ? value.substring(value.indexOf('"') + 1, value.length() - 1)
                    : URLDecoder.decode(value.substring(extended + 17).replace("+", "%2B"), UTF_8);
            assertThat(given).isEqualTo(name);
        });
    }
}
