package io.shoal.egress.http;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Receives one answer on the event loop of the fetch: {@link #head} once, then {@link #body} any number of times, then {@link
 * #completed}; or {@link #failed} at any point, after which nothing follows.
 */
public interface FetchReceiver {
    /**
     * The answer begins. Redirects are followed and not seen here, but for one to a magnet link: indexers answer so, and what it
     * means is for the receiver to decide.
     */
    void head(int status, HttpHeaders headers);

    /** The next bytes of the body. They belong to the caller: what is kept must be copied or retained. */
    void body(ByteBuf bytes);

    /** The whole body was received. */
    void completed();

    /** The fetch ended without a complete answer. */
    void failed(FetchFailure failure);
}
