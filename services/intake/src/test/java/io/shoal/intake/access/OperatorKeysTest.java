package io.shoal.intake.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shoal.intake.tenants.Secret;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Operator keys as they are configured. */
class OperatorKeysTest {
    private static final String OLD = "0123456789abcdef0123456789abcdef";
    private static final String NEW = "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=";

    @Test
    void anOldAndANewKeyAreValidAtTheSameTime() {
        OperatorKeys keys = new OperatorKeys(List.of("old:" + OLD, " new:" + NEW));
        assertThat(keys.idOf(new Secret(OLD))).hasValue("old");
        assertThat(keys.idOf(new Secret(NEW))).hasValue("new");
        assertThat(keys.idOf(new Secret("old:" + OLD))).isEmpty();
        assertThat(new OperatorKeys(List.of("new:" + NEW)).idOf(new Secret(OLD)))
                .isEmpty();
    }

    @Test
    void aKeyThatIsTooShortIsRefusedWithoutBeingShown() {
        assertThatThrownBy(() -> new OperatorKeys(List.of("old:" + OLD, "new:tooshort")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("shoal.operator-keys: key new has 8 characters, but must have 32 to 190");
    }

    @Test
    void whatIsNoListOfKeysIsRefused() {
        for (List<String> entries : List.of(
                List.<String>of(),
                List.of(OLD),
                List.of(":" + OLD),
                List.of("a b:" + OLD),
                List.of("a:" + OLD + " x"),
                List.of("a:" + OLD + ":x"),
                List.of("a:" + OLD, "a:" + NEW),
                List.of("a:" + "x".repeat(191)))) {
            assertThatThrownBy(() -> new OperatorKeys(entries))
                    .as("%s", entries)
                    .isInstanceOf(IllegalStateException.class)
                    .message()
                    .startsWith("shoal.operator-keys")
                    .doesNotContain(OLD);
        }
    }
}
