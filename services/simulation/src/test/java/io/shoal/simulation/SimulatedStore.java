package io.shoal.simulation;

import io.shoal.engine.swarms.Simulation;
import io.shoal.objectstore.AsyncObjectStore;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A store with latency, a rate and faults. A write takes effect at the end of its time, when the caller must still have
 * the same bytes in its buffer, and whether or not the caller is still there.
 *
 * <p>Invariant: no object ever has bytes that are not right for its key.
 */
final class SimulatedStore implements AsyncObjectStore {
    private final Simulation simulation;
    private final BiPredicate<String, byte[]> mayBe;
    private final Map<String, Integer> puts = new HashMap<>();
    final TreeMap<String, byte[]> objects = new TreeMap<>();

    /** Calls about these keys are answered with 503. */
    Predicate<String> away = key -> false;

    /** The part of calls that are answered with 503. */
    double failing;

    /** The part of calls that take effect, and whose answer is lost. */
    double answersLost;

    Duration latencyMin = Duration.ofMillis(5);
    Duration latencyMax = Duration.ofMillis(40);
    long bytesPerSecond = 50_000_000;
    private long lineFreeAt;
    int lists;
    int calls;

    /** @param mayBe whether an object may have these bytes */
    SimulatedStore(Simulation simulation, BiPredicate<String, byte[]> mayBe) {
        this.simulation = simulation;
        this.mayBe = mayBe;
    }

    /** Returns how often {@code key} was written. */
    int puts(String key) {
        return puts.getOrDefault(key, 0);
    }

    /** What a call does to the objects. */
    @FunctionalInterface
    private interface Effect<T> {
        @Nullable
        T apply() throws NoSuchObjectException;
    }

    private <T> CompletableFuture<T> call(String key, int bytes, Effect<T> effect) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        calls++;
        boolean refused = away.test(key);
        if (!refused) {
            lineFreeAt = Math.max(lineFreeAt, simulation.now()) + bytes * 1_000_000_000L / bytesPerSecond;
        }
        long latency = simulation.random.nextLong(latencyMin.toNanos(), latencyMax.toNanos() + 1);
        long transfer = refused ? 0 : lineFreeAt - simulation.now();
        simulation.after(Duration.ofNanos(latency + transfer), () -> {
            if (refused || away.test(key) || simulation.random.nextDouble() < failing) {
                answer.completeExceptionally(new StoreUnavailableException("503 for " + key, null));
                return;
            }
            @Nullable T result;
            try {
                result = effect.apply();
            } catch (NoSuchObjectException e) {
                answer.completeExceptionally(e);
                return;
            }
            simulation.note(key.length());
            if (simulation.random.nextDouble() < answersLost) {
                answer.completeExceptionally(new StoreUnavailableException("no answer for " + key, null));
            } else {
                answer.complete(result);
            }
        });
        return answer;
    }

    private static long digest(ByteBuffer bytes) {
        CRC32C digest = new CRC32C();
        digest.update(bytes.duplicate());
        return digest.getValue();
    }

    @Override
    public CompletableFuture<Void> put(String key, ByteBuffer body) {
        ByteBuffer bytes = body.duplicate();
        long before = digest(bytes);
        return call(key, bytes.remaining(), () -> {
            byte[] object = new byte[bytes.remaining()];
            bytes.duplicate().get(object);
            if (digest(bytes) != before || !mayBe.test(key, object)) {
                throw new AssertionError("wrong bytes are stored as " + key);
            }
            objects.put(key, object);
            puts.merge(key, 1, Integer::sum);
            return null;
        });
    }

    private byte[] found(String key) throws NoSuchObjectException {
        byte[] object = objects.get(key);
        if (object == null) {
            throw new NoSuchObjectException(key);
        }
        return object;
    }

    @Override
    public CompletableFuture<Void> read(String key, long offset, ByteBuffer into) {
        return call(key, into.remaining(), () -> {
            into.put(found(key), (int) offset, into.remaining());
            return null;
        });
    }

    @Override
    public CompletableFuture<byte[]> get(String key, int limit) {
        return call(key, 0, () -> found(key).clone());
    }

    @Override
    public CompletableFuture<OptionalLong> size(String key) {
        return call(key, 0, () -> {
            byte[] object = objects.get(key);
            return object == null ? OptionalLong.empty() : OptionalLong.of(object.length);
        });
    }

    @Override
    public CompletableFuture<Void> list(String prefix, Consumer<ObjectStore.Listed> each) {
        lists++;
        return call(prefix, 0, () -> {
            objects.tailMap(prefix).entrySet().stream()
                    .takeWhile(entry -> entry.getKey().startsWith(prefix))
                    .forEach(entry -> each.accept(new ObjectStore.Listed(entry.getKey(), entry.getValue().length)));
            return null;
        });
    }

    @Override
    public CompletableFuture<Void> delete(Collection<String> keys) {
        List<String> deleted = List.copyOf(keys);
        return call(deleted.isEmpty() ? "" : deleted.getFirst(), 0, () -> {
            deleted.forEach(objects::remove);
            return null;
        });
    }
}
