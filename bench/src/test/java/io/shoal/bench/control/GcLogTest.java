package io.shoal.bench.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcLogTest {
    @TempDir
    private Path folder;

    @Test
    void thePeakIsBeforeACollectionAndWhatIsKeptIsAfterOne() throws IOException {
        GcLog log = new GcLog(Files.writeString(folder.resolve("gc"), """
                [0.010s][info][gc] Using Serial
                [1.000s][info][gc] GC(0) Pause Young (Allocation Failure) 68M->9M(297M) 12.500ms
                [2.000s][info][gc] GC(1) Pause Full (Metadata GC Threshold) 120M->40M(297M) 100.000ms
                [3.000s][info][gc] GC(2) Pause Young (Allocation Failure) 108M->31M(297M) 12.500ms
                """));

        assertThat(log.heap()).isEqualTo(new GcLog.Heap(120, 40, 0.125));
    }
}
