package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ContentRecord;

/** Tells others what became of content. */
public interface ContentEvents {
    /** The record is safe with those who keep it when this returns. */
    void publish(TorrentId torrent, ContentRecord record) throws PublishException;

    /** Nobody took it: tell it again later. */
    final class PublishException extends Exception {
        private static final long serialVersionUID = 1L;

        public PublishException(Throwable cause) {
            super("what became of content cannot be told", cause);
        }
    }
}
