package io.shoal.local.commands;

import io.shoal.local.platform.FolderLock;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Stops the platform of a folder. */
@Command(name = "down", description = "Stops the platform that runs in a folder; its data stays.")
final class DownCommand implements Callable<Integer> {
    private static final int PATIENCE_SECONDS = 90;

    @Mixin
    private FolderOption data = new FolderOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<ProcessHandle> launcher = FolderLock.holder(data.folder());
        if (launcher.isEmpty()) {
            System.out.println("no platform is up in " + data.folder());
            return 0;
        }
        launcher.get().destroy();
        try {
            launcher.get().onExit().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            throw new IOException(
                    "process %d does not end; see %s/logs"
                            .formatted(launcher.get().pid(), data.folder()),
                    e);
        }
        System.out.println("shoal is down; its data is in " + data.folder());
        return 0;
    }
}
