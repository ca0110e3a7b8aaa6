package io.shoal.storage;

import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.NoSuchObjectException;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreConfig;
import io.shoal.objectstore.StoreCredentials;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** The real store, which a test can take away. */
@Alternative
@Priority(1)
@ApplicationScoped
public class FaultyStore implements ObjectStore {
    private final ObjectStore real;
    private final ObjectStore withoutTokenService;
    private volatile boolean down;
    private volatile boolean refusing;
    private volatile boolean tokenServiceAway;
    private volatile @Nullable Boolean versioned;
    private volatile @Nullable Error error;
    private volatile long breakAfter = Long.MAX_VALUE;
    private volatile long downAfter = Long.MAX_VALUE;
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicInteger copies = new AtomicInteger();

    FaultyStore(
            @ConfigProperty(name = "shoal.s3.endpoint") URI endpoint,
            @ConfigProperty(name = "shoal.s3.access-key") String accessKey,
            @ConfigProperty(name = "shoal.s3.secret-key") String secretKey) {
        StoreConfig config = new StoreConfig(endpoint, endpoint, "us-east-1", "shoal", accessKey, secretKey);
        real = new MinioObjectStore(config);
        withoutTokenService = new MinioObjectStore(new StoreConfig(
                endpoint,
                endpoint,
                config.region(),
                config.bucket(),
                new StoreCredentials.OfIdentity(Optional.of(URI.create("http://127.0.0.1:1"))),
                config.caBundle(),
                config.checksums()));
    }

    /** URLs are signed with temporary credentials, and the service that gives them is away. */
    void takeTokenServiceAway() {
        tokenServiceAway = true;
    }

    /** The bucket is versioned, or is not. */
    public void setVersioned(boolean versioned) {
        this.versioned = versioned;
    }

    /** No call succeeds while it is. */
    public void setDown(boolean down) {
        this.down = down;
    }

    /** Every call fails as one does that is our own mistake. */
    void setRefusing(boolean refusing) {
        this.refusing = refusing;
    }

    /** Every call and every read of a stream fails with this error of the JVM. */
    void setError(@Nullable Error error) {
        this.error = error;
    }

    /** Each stream breaks after so many bytes. */
    void breakStreamsAfter(long bytes) {
        breakAfter = bytes;
    }

    /** Each stream breaks after so many bytes, and then no call succeeds any more. */
    void goDownAfter(long bytes) {
        downAfter = bytes;
    }

    /** It works. */
    public void heal() {
        down = false;
        refusing = false;
        tokenServiceAway = false;
        versioned = null;
        error = null;
        breakAfter = Long.MAX_VALUE;
        downAfter = Long.MAX_VALUE;
    }

    /** Streams that are open. */
    int openStreams() {
        return open.get();
    }

    /** Parts copied so far. */
    public int copies() {
        return copies.get();
    }

    private void requireUp() throws StoreUnavailableException {
        if (down) {
            throw new StoreUnavailableException("taken away by the test", null);
        }
        throwError();
        if (refusing) {
            throw new IllegalStateException("refused by the test");
        }
    }

    private void throwError() {
        Error thrown = error;
        if (thrown != null) {
            throw thrown;
        }
    }

    @Override
    public void ensureBucket() throws StoreUnavailableException {
        requireUp();
        real.ensureBucket();
    }

    @Override
    public boolean isVersioned() throws StoreUnavailableException {
        requireUp();
        Boolean said = versioned;
        return said == null ? real.isVersioned() : said;
    }

    @Override
    public void put(String key, ByteBuffer body) throws StoreUnavailableException {
        requireUp();
        real.put(key, body);
    }

    @Override
    public void read(String key, long offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException {
        requireUp();
        real.read(key, offset, into);
    }

    @Override
    public byte[] get(String key, int limit) throws NoSuchObjectException, StoreUnavailableException {
        requireUp();
        return real.get(key, limit);
    }

    @Override
    public InputStream open(String key, long offset, long length)
            throws NoSuchObjectException, StoreUnavailableException {
        requireUp();
        InputStream stream = real.open(key, offset, length);
        open.incrementAndGet();
        return new FilterInputStream(stream) {
            private final AtomicBoolean closed = new AtomicBoolean();
            private long passed;

            @Override
            public int read(byte[] into, int from, int count) throws IOException {
                throwError();
                if (passed >= downAfter) {
                    down = true;
                }
                if (passed >= breakAfter || passed >= downAfter) {
                    throw new IOException("broken by the test");
                }
                int read = super.read(into, from, count);
                passed += read;
                return read;
            }

            @Override
            public void close() throws IOException {
                if (closed.compareAndSet(false, true)) {
                    open.decrementAndGet();
                }
                super.close();
            }
        };
    }

    @Override
    public OptionalLong size(String key) throws StoreUnavailableException {
        requireUp();
        return real.size(key);
    }

    @Override
    public void list(String prefix, Consumer<Listed> each) throws StoreUnavailableException {
        requireUp();
        real.list(prefix, each);
    }

    @Override
    public void delete(Collection<String> keys) throws StoreUnavailableException {
        requireUp();
        real.delete(keys);
    }

    @Override
    public String beginUpload(String key) throws StoreUnavailableException {
        requireUp();
        return real.beginUpload(key);
    }

    @Override
    public String copyPart(String key, String upload, int number, String source)
            throws NoSuchObjectException, StoreUnavailableException {
        requireUp();
        copies.incrementAndGet();
        return real.copyPart(key, upload, number, source);
    }

    @Override
    public void completeUpload(String key, String upload, List<String> etags)
            throws NoSuchObjectException, StoreUnavailableException {
        requireUp();
        real.completeUpload(key, upload, etags);
    }

    @Override
    public void abortUpload(String key, String upload) throws StoreUnavailableException {
        requireUp();
        real.abortUpload(key, upload);
    }

    @Override
    public URI presignGet(String key, Duration lifetime, Map<String, String> responseHeaders)
            throws StoreUnavailableException {
        return (tokenServiceAway ? withoutTokenService : real).presignGet(key, lifetime, responseHeaders);
    }

    @Override
    public void close() {
        real.close();
        withoutTokenService.close();
    }
}
