package io.shoal.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A seed is a run: without this, no failure could be repeated. */
class DeterminismTest {
    private static final Scenario SCENARIO = Scenario.scenario("two owners, a liar, and a store that fails", world -> {
        TorrentContent content = world.torrent(5000, 300, 7000);
        world.seed(content);
        world.liar(content);
        world.leech(content);
        world.store.failing = 0.2;
        world.mayBeFetchedAgain = content.bytes.length; // what the liar spoils
        Run first = world.run(world.worker(), content);
        world.pass(Duration.ofSeconds(4));
        var done = first.handOver();
        world.until("handed over", Duration.ofMinutes(2), done::isDone);
        world.completes(world.takeOver(first, world.worker()), Duration.ofMinutes(5));
    });

    @Test
    void theSameSeedIsTheSameRun() {
        long first = SCENARIO.play(7);
        assertThat(SCENARIO.play(7)).isEqualTo(first);
        assertThat(SCENARIO.play(8)).isNotEqualTo(first);
    }
}
