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
@Command(name = "down", description = "Stops the platform that runs in a folder and keeps its data.")
final class DownCommand implements Callable<Integer> {
    /** A launcher stops within 20 s, even on a busy machine. */
    private static final int STOP_SECONDS = 25;

    @Mixin
    private FolderOption data = new FolderOption();

    @Override
    public Integer call() throws IOException, InterruptedException {
        Optional<ProcessHandle> launcher = FolderLock.holder(data.folder());
        if (launcher.isEmpty()) {
            System.out.println("no platform runs in " + data.folder());
            return 0;
        }
        launcher.get().destroy();
        try {
            launcher.get().onExit().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            System.out.println("the launcher does not stop; killing it and its processes");
            launcher.get().destroyForcibly();
            FolderLock.endProcesses(data.folder(), System.out::println);
        }
        System.out.println("shoal has stopped; its data is in " + data.folder());
        return 0;
    }
}
