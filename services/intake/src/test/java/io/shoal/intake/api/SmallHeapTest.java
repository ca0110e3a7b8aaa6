package io.shoal.intake.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.embedded.test.SmallHeapProcess;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The largest and the heaviest metainfo in a small heap; figures are in target. */
class SmallHeapTest {
    @Test
    @Timeout(180)
    void theWorstMetainfoIsParsedOrRefusedAndNothingRunsOutOfMemory() throws Exception {
        assertThat(SmallHeapProcess.run(SmallHeap.class)).contains("parsed", "listed");
    }
}
