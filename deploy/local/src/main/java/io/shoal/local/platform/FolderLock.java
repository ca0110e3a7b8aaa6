package io.shoal.local.platform;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One launcher for a folder. The lock is the kernel's and goes with the process; beside it stands which processes belong to
 * the folder, so that the next launcher can end those that a killed one has left.
 */
public final class FolderLock implements AutoCloseable {
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
            throw new IOException("a platform runs in " + folder + " already; ./shoal down --data " + folder);
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

    /** Writes down that {@code pid} belongs to the folder. */
    synchronized void remember(long pid) throws IOException {
        Optional<Instant> born =
                ProcessHandle.of(pid).flatMap(handle -> handle.info().startInstant());
        if (born.isPresent()) {
            Files.writeString(
                    children, pid + " " + born.get() + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }

    /** Ends what an earlier launcher, killed, has left running. */
    void endOrphans(Consumer<String> console) throws IOException {
        if (!Files.exists(children)) {
            return;
        }
        List<String> lines = Files.readAllLines(children);
        for (String line : lines) {
            String[] parts = line.split(" ", 2);
            Optional<ProcessHandle> orphan = ProcessHandle.of(Long.parseLong(parts[0]))
                    .filter(handle -> handle.info()
                            .startInstant()
                            .map(Instant::toString)
                            .filter(parts[1]::equals)
                            .isPresent());
            if (orphan.isPresent()) {
                console.accept("ending process " + parts[0] + ", left by a launcher that was killed");
                end(orphan.get());
            }
        }
        Files.delete(children);
    }

    private static void end(ProcessHandle orphan) {
        orphan.destroy();
        try {
            orphan.onExit().get(10, TimeUnit.SECONDS);
        } catch (TimeoutException | ExecutionException e) {
            orphan.destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets the folder go; does nothing the second time. */
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
