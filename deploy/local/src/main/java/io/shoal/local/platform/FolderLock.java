package io.shoal.local.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One launcher for a folder. The lock is the kernel's and ends with the process. A file beside it lists the processes that
 * belong to the folder, so that the next launcher can end those that a killed one has left running.
 */
public final class FolderLock implements AutoCloseable {
    private static final Duration ORPHANS_END = Duration.ofSeconds(5);
    private static final Duration PACE = Duration.ofMillis(50);

    private final FileChannel channel;
    private final FileLock lock;
    private final Path children;

    private FolderLock(FileChannel channel, FileLock lock, Path children) {
        this.channel = channel;
        this.lock = lock;
        this.children = children;
    }

    /** Locks {@code folder}; a plain error if another launcher has it. */
    static FolderLock take(Path folder) throws IOException {
        FileChannel channel = FileChannel.open(
                launcherFile(folder), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.READ);
        FileLock lock = tryLock(channel);
        if (lock == null) {
            channel.close();
            throw new IOException(
                    "a platform runs in " + folder + " already; stop it with ./shoal down --data " + folder);
        }
        byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        channel.truncate(0);
        channel.write(java.nio.ByteBuffer.wrap(pid), 0);
        return new FolderLock(channel, lock, folder.resolve("children"));
    }

    /** The launcher that has {@code folder} now. */
    public static Optional<ProcessHandle> holder(Path folder) throws IOException {
        if (!Files.exists(launcherFile(folder))) {
            return Optional.empty();
        }
        try (FileChannel channel = FileChannel.open(launcherFile(folder), StandardOpenOption.WRITE);
                FileLock lock = tryLock(channel)) {
            if (lock != null) {
                return Optional.empty();
            }
        }
        String pid = Files.readString(launcherFile(folder)).strip();
        return pid.isEmpty() ? Optional.empty() : ProcessHandle.of(Long.parseLong(pid));
    }

    /** Records that {@code pid} belongs to the folder. */
    synchronized void remember(long pid) throws IOException {
        Optional<Instant> born =
                ProcessHandle.of(pid).flatMap(handle -> handle.info().startInstant());
        if (born.isPresent()) {
            Files.writeString(
                    children, pid + " " + born.get() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /** Ends the processes that a killed launcher has left running. */
    void endOrphans(Consumer<String> console) throws IOException, InterruptedException {
        if (!Files.exists(children)) {
            return;
        }
        List<ProcessHandle> orphans = Files.readAllLines(children).stream()
                .flatMap(line -> running(line).stream())
                .toList();
        orphans.forEach(orphan ->
                console.accept("ending process " + orphan.pid() + ", which a killed launcher has left running"));
        orphans.forEach(ProcessHandle::destroy);
        if (!haveEnded(orphans)) {
            orphans.stream()
                    .flatMap(orphan -> Stream.concat(Stream.of(orphan), orphan.descendants()))
                    .toList()
                    .forEach(ProcessHandle::destroyForcibly);
            haveEnded(orphans);
        }
        Files.delete(children);
    }

    /** Ends the processes of {@code folder}, whose launcher was killed. */
    public static void endProcesses(Path folder, Consumer<String> console) throws IOException, InterruptedException {
        try (FolderLock lock = await(folder)) {
            lock.endOrphans(console);
            Files.deleteIfExists(Endpoints.file(folder));
        }
    }

    /** A killed process holds its locks until the kernel has ended it. */
    private static FolderLock await(Path folder) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + ORPHANS_END.toNanos();
        while (true) {
            try {
                return take(folder);
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw e;
                }
                Thread.sleep(PACE);
            }
        }
    }

    /** The process that {@code line} names, if it still runs: the pid may have been given to another since. */
    private static Optional<ProcessHandle> running(String line) {
        String[] parts = line.split(" ", 2);
        return ProcessHandle.of(Long.parseLong(parts[0]))
                .filter(handle -> handle.info()
                        .startInstant()
                        .map(Instant::toString)
                        .filter(parts[1]::equals)
                        .isPresent());
    }

    /** Waits until all have ended, for 5 s at most; returns whether they have. */
    private static boolean haveEnded(List<ProcessHandle> processes) throws InterruptedException {
        try {
            CompletableFuture.allOf(
                            processes.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
                    .get(ORPHANS_END.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    /** Releases the folder; does nothing the second time. */
    @Override
    public void close() {
        if (!channel.isOpen()) {
            return;
        }
        try {
            Files.deleteIfExists(children);
            lock.close();
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static @org.jspecify.annotations.Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static Path launcherFile(Path folder) {
        return folder.resolve("launcher");
    }
}
