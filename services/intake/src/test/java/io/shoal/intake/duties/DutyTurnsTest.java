package io.shoal.intake.duties;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.persistence.EntityManager;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class DutyTurnsTest {
    @Test
    void fourReplicasQueryAsOftenAsOne() {
        Duties one = of(1);
        Duties oneOfFour = of(4);

        assertThat(turns(one)).isEqualTo(40_000);
        assertThat(turns(oneOfFour)).isBetween(9_000L, 11_000L); // more than ten standard deviations
        assertThat(oneOfFour.share(Duration.ofSeconds(1))).isEqualTo(Duration.ofSeconds(4));
    }

    private static Duties of(int replicas) {
        EntityManager unused = (EntityManager) Proxy.newProxyInstance(
                DutyTurnsTest.class.getClassLoader(),
                new Class<?>[] {EntityManager.class},
                (proxy, method, arguments) -> {
                    throw new AssertionError("turns need no database");
                });
        return new Duties(unused, replicas);
    }

    private static long turns(Duties duties) {
        return IntStream.range(0, 40_000).filter(i -> duties.isTurn()).count();
    }
}
