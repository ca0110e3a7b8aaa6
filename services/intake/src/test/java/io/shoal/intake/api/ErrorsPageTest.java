package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** {@code docs/api/errors.md} lists every kind of problem, and no other. */
class ErrorsPageTest {
    private static final Pattern ROW = Pattern.compile("^\\| `([a-z-]+)` \\| (\\d{3}) \\|", Pattern.MULTILINE);

    @Test
    void itListsEveryCodeWithItsStatus() throws Exception {
        String page = Files.readString(Path.of("..", "..", "docs", "api", "errors.md"));
        assertThat(ROW.matcher(page).results().collect(Collectors.toMap(row -> row.group(1), row -> row.group(2))))
                .isEqualTo(Arrays.stream(ProblemKind.values())
                        .collect(Collectors.toMap(ProblemKind::code, kind -> Integer.toString(kind.status()))));
    }
}
