package io.shoal.contracts.loops;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;

class OutageLogTest {
    private final List<String> lines = new ArrayList<>();
    private final OutageLog outage = new OutageLog(recording(), "Kafka");

    @Test
    void anOutageOfAnyLengthIsTwoLinesTheFirstWithItsCause() {
        outage.succeeded();
        assertThat(lines).isEmpty();

        IllegalStateException first = new IllegalStateException("the first");
        outage.failed(first);
        for (int i = 0; i < 1_000; i++) {
            outage.failed(new IllegalStateException("a later one"));
        }
        outage.succeeded();
        outage.succeeded();

        assertThat(lines)
                .containsExactly(
                        "warn {}: not available, trying again [Kafka, " + first + "]",
                        "info {}: available again after {} failed attempts [Kafka, 1001]");
    }

    @Test
    void eachOutageIsLogged() {
        for (int i = 0; i < 2; i++) {
            outage.failed(new IllegalStateException("of the test"));
            outage.succeeded();
        }
        assertThat(lines).hasSize(4);
    }

    /** A logger whose level is info. */
    private Logger recording() {
        return (Logger) Proxy.newProxyInstance(
                Logger.class.getClassLoader(), new Class<?>[] {Logger.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("debug")) {
                        lines.add(method.getName() + " " + arguments[0] + " " + Arrays.deepToString(flat(arguments)));
                    }
                    return null;
                });
    }

    private static Object[] flat(Object[] arguments) {
        return Arrays.stream(arguments)
                .skip(1)
                .flatMap(argument -> argument instanceof Object[] many
                        ? Arrays.stream(many)
                        : Arrays.stream(new Object[] {argument}))
                .toArray();
    }
}
