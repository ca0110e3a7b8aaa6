package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ContentRecord;

/** Publishes what storage has done with content: assembled, lost or purged. */
public interface ContentEvents {
    /** Returns when the record is durable. */
    void publish(TorrentId torrent, ContentRecord record) throws PublishException;

    /** The record was not acknowledged; the caller publishes it again later. */
    final class PublishException extends Exception {
        private static final long serialVersionUID = 1L;

        public PublishException(Throwable cause) {
            super("what became of content cannot be published", cause);
        }
    }
}
