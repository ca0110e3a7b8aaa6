package io.shoal.swarm.segments;

import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store in memory that fails on request. */
public class FailingStore implements ObjectStore {
    public final ConcurrentSkipListMap<String, byte[]> objects = new ConcurrentSkipListMap<>();
    public final AtomicInteger reads = new AtomicInteger();
    public final AtomicInteger lists = new AtomicInteger();

    /** Calls about these keys fail. */
    public volatile Predicate<String> away = key -> false;

    private void check(String key) throws StoreUnavailableException {
        if (away.test(key)) {
            throw new StoreUnavailableException("away", null);
        }
    }

    private byte[] found(String key) throws NoSuchObjectException, StoreUnavailableException {
        check(key);
        byte[] object = objects.get(key);
        if (object == null) {
            throw new NoSuchObjectException(key);
        }
        return object;
    }

    @Override
    public void ensureBucket() {}

    @Override
    public boolean isVersioned() {
        return false;
    }

    @Override
    public void put(String key, ByteBuffer body) throws StoreUnavailableException {
        byte[] bytes = new byte[body.remaining()];
        body.duplicate().get(bytes);
        check(key);
        objects.put(key, bytes);
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException {
        reads.incrementAndGet();
        into.put(found(key), (int) offset, into.remaining());
    }

    @Override
    public byte[] get(String key, int limit) throws NoSuchObjectException, StoreUnavailableException {
        return found(key).clone();
    }

    @Override
    public InputStream open(String key, long offset, long length)
            throws NoSuchObjectException, StoreUnavailableException {
        return new ByteArrayInputStream(found(key), (int) offset, (int) length);
    }

    @Override
    public OptionalLong size(String key) throws StoreUnavailableException {
        check(key);
        byte[] object = objects.get(key);
        return object == null ? OptionalLong.empty() : OptionalLong.of(object.length);
    }

    @Override
    public void list(String prefix, Consumer<Listed> each) throws StoreUnavailableException {
        check(prefix);
        lists.incrementAndGet();
        objects.tailMap(prefix).forEach((key, object) -> {
            if (key.startsWith(prefix)) {
                each.accept(new Listed(key, object.length));
            }
        });
    }

    @Override
    public void delete(Collection<String> keys) throws StoreUnavailableException {
        for (String key : keys) {
            check(key);
            objects.remove(key);
        }
    }

    @Override
    public String beginUpload(String key) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String copyPart(String key, String upload, int number, String source) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void completeUpload(String key, String upload, List<String> etags) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void abortUpload(String key, String upload) {
        throw new UnsupportedOperationException();
    }

    @Override
    public URI presignGet(String key, Duration lifetime, Map<String, String> responseHeaders) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
