package io.shoal.objectstore;

import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/**
 * Objects in one bucket. Every method blocks and may be called from any thread, virtual ones included; a call to the store
 * has a bounded time.
 *
 * <p>Failures are of two kinds, because callers do different things: {@link NoSuchObjectException}, the object (or upload) does not
 * exist, and {@link StoreUnavailableException}, its state is not known and the caller tries again. Anything else is our own fault
 * and unchecked.
 */
public interface ObjectStore extends AutoCloseable {

    /** The bucket exists when this returns. */
    void ensureBucket() throws StoreUnavailableException;

    /**
     * Returns whether the bucket is versioned: then it keeps everything that is deleted.
     *
     * @throws StoreUnavailableException also if the store does not answer this question, or not to these credentials
     */
    boolean isVersioned() throws StoreUnavailableException;

    /**
     * Writes one object of the remaining bytes of {@code body}, whose position does not change; the server checks a CRC32C of
     * them. When this returns the object is durable.
     */
    void put(String key, ByteBuffer body) throws StoreUnavailableException;

    /** Fills {@code into} with bytes of the object from {@code offset}; they must be there. */
    void read(String key, long offset, ByteBuffer into) throws NoSuchObjectException, StoreUnavailableException;

    /** Returns the whole object, which must not be larger than {@code limit} bytes. */
    byte[] get(String key, int limit) throws NoSuchObjectException, StoreUnavailableException;

    /**
     * Streams {@code length} bytes of the object from {@code offset}. The caller closes the stream; its reads throw
     * {@link java.io.IOException} when the store goes away half-way.
     */
    InputStream open(String key, long offset, long length) throws NoSuchObjectException, StoreUnavailableException;

    /** Returns the size of the object in bytes; empty if it does not exist. */
    OptionalLong size(String key) throws StoreUnavailableException;

    /** One object in a listing. */
    record Listed(String key, long size) {}

    /** Hands every object whose key begins with {@code prefix} to {@code each}, in the order of keys, page by page. */
    void list(String prefix, Consumer<Listed> each) throws StoreUnavailableException;

    /** Deletes these objects in bulk; objects that do not exist are ignored. */
    void delete(Collection<String> keys) throws StoreUnavailableException;

    /** Begins a multipart upload of {@code key} and returns its id. */
    String beginUpload(String key) throws StoreUnavailableException;

    /**
     * Makes part {@code number} (from 1) of the upload a copy of the whole object {@code source}, inside the store, and
     * returns its ETag.
     */
    String copyPart(String key, String upload, int number, String source)
            throws NoSuchObjectException, StoreUnavailableException;

    /**
     * Makes the object of the parts with these ETags, in order. Throws {@link NoSuchObjectException} if the upload was aborted. If
     * it was already completed, servers differ: some throw the same, some complete it again; check the object's size then.
     */
    void completeUpload(String key, String upload, List<String> etags)
            throws NoSuchObjectException, StoreUnavailableException;

    /** Deletes an upload and its parts; an upload that does not exist is ignored. */
    void abortUpload(String key, String upload) throws StoreUnavailableException;

    /**
     * Returns a URL at the store's public endpoint with which anyone can GET the object until {@code lifetime} has passed.
     *
     * @param responseHeaders headers that the store answers with, such as {@code response-content-disposition}
     * @throws StoreUnavailableException if there are no credentials to sign it with
     */
    URI presignGet(String key, Duration lifetime, Map<String, String> responseHeaders) throws StoreUnavailableException;

    @Override
    void close();
}
