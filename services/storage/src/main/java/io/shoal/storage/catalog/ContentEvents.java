package io.shoal.storage.catalog;

import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.ContentRecord;

/** Tells others what became of content. */
public interface Announcements {
    /** The record is safe with those who keep it when this returns. */
    void tell(TorrentId torrent, ContentRecord record) throws NotToldException;

    /** Nobody took it: tell it again later. */
    final class NotToldException extends Exception {
        private static final long serialVersionUID = 1L;

        public NotToldException(Throwable cause) {
            super("what became of content cannot be told", cause);
        }
    }
}
