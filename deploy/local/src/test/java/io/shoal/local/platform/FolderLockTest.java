package io.shoal.local.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class FolderLockTest {
    @TempDir
    private Path folder;

    @Test
    void processesOfAKilledLauncherAreEndedAlsoThoseThatIgnoreSigterm() throws Exception {
        Path trapped = folder.resolve("trapped");
        Process orderly = new ProcessBuilder("sleep", "600").start();
        Process stubborn = new ProcessBuilder(
                        "sh", "-c", "trap '' TERM; : > " + trapped + "; while :; do sleep 0.1; done")
                .start();
        List<String> said = new CopyOnWriteArrayList<>();
        try (FolderLock lock = FolderLock.take(folder)) {
            lock.remember(orderly.pid());
            lock.remember(stubborn.pid());
            while (!Files.exists(trapped)) {
                Thread.onSpinWait();
            }
            lock.endOrphans(said::add);
        }
        assertThat(orderly.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(stubborn.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(said).hasSize(2);
    }

    @Test
    void aFolderHasOneLauncher() throws IOException {
        try (FolderLock lock = FolderLock.take(folder)) {
            assertThat(lock).isNotNull();
            assertThatThrownBy(() -> FolderLock.take(folder))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("already");
        }
        FolderLock.take(folder).close();
    }
}
