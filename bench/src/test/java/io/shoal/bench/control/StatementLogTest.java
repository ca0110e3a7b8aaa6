package io.shoal.bench.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StatementLogTest {
    @TempDir
    private Path folder;

    @Test
    void aStatementTakesItsParsingPlanningAndExecutionTogether() throws IOException {
        Path file = Files.writeString(folder.resolve("log"), """
                2026-11-30 08:00:00.000 UTC [7] LOG:  duration: 9.000 ms  execute <unnamed>: select 'before'
                """);
        StatementLog log = new StatementLog(file);
        Files.writeString(file, """
                2026-11-30 08:00:01.000 UTC [7] LOG:  duration: 0.500 ms  parse S_1: update job
                \t\tset lease_owner = $1
                2026-11-30 08:00:01.001 UTC [8] LOG:  duration: 4.000 ms  bind S_1: select 'other session'
                2026-11-30 08:00:01.002 UTC [7] LOG:  duration: 0.250 ms  bind S_1: update job
                \t\tset lease_owner = $1
                2026-11-30 08:00:01.002 UTC [7] DETAIL:  Parameters: $1 = 'x'
                2026-11-30 08:00:01.003 UTC [7] LOG:  duration: 1.000 ms  execute S_1: update job
                \t\tset lease_owner = $1
                2026-11-30 08:00:01.004 UTC [7] DETAIL:  Parameters: $1 = 'x'
                2026-11-30 08:00:01.005 UTC [9] LOG:  duration: 0.125 ms  statement: BEGIN
                2026-11-30 08:00:01.006 UTC [9] ERROR:  no such thing
                """, StandardOpenOption.APPEND);

        assertThat(log.read())
                .containsExactly(
                        new StatementLog.Executed("update job set lease_owner = $1", 1.75),
                        new StatementLog.Executed("BEGIN", 0.125));
    }
}
