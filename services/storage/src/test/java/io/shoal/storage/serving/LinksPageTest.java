package io.shoal.storage.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.embedded.Home;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/api/links.md} lists every code of a refusal, and no other. */
class LinksPageTest {
    /** A row has several codes with one status for all, or one for each. */
    private static final Pattern ROW =
            Pattern.compile("^\\| ((?:`[a-z-]+`(?:, )?)+) \\| ([0-9, ]+) \\|", Pattern.MULTILINE);

    @Test
    void itListsEveryCodeWithItsStatus() throws Exception {
        String page = Files.readString(Home.checkout().resolve("docs/api/links.md"));
        Map<String, Integer> listed = new HashMap<>();
        for (MatchResult row : ROW.matcher(page).results().toList()) {
            String[] codes = row.group(1).replace("`", "").split(", ", -1);
            String[] statuses = row.group(2).split(", ", -1);
            for (int i = 0; i < codes.length; i++) {
                listed.put(codes[i], Integer.valueOf(statuses[Math.min(i, statuses.length - 1)]));
            }
        }
        assertThat(listed)
                .isEqualTo(Arrays.stream(RefusedException.Reason.values())
                        .collect(Collectors.toMap(RefusedException.Reason::code, RefusedException.Reason::status)));
    }
}
