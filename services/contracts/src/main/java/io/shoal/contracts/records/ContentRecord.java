package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.shoal.contracts.Generation;

/** {@code shoal.content}: what storage has done with the content of a torrent. Each kind may arrive twice. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ContentRecord.Assembled.class, name = "assembled"),
    @JsonSubTypes.Type(value = ContentRecord.Lost.class, name = "lost"),
    @JsonSubTypes.Type(value = ContentRecord.Purged.class, name = "purged"),
})
public sealed interface ContentRecord {
    /** The version of this record: 1. */
    int v();

    /** The generation that it speaks of. */
    Generation gen();

    /**
     * A large file is one object now.
     *
     * @param file its number in the torrent
     * @param key the object
     * @param size its bytes
     */
    record Assembled(int v, Generation gen, int file, String key, long size) implements ContentRecord {
        public Assembled {
            Require.present(gen, "gen");
            Require.present(key, "key");
        }
    }

    /** Segments that were stored are not there any more: they must be downloaded again. */
    record Lost(int v, Generation gen, Bits segments) implements ContentRecord {
        public Lost {
            Require.present(gen, "gen");
            Require.present(segments, "segments");
        }
    }

    /** Nothing of this generation, nor of a lower one, is in the store any more. */
    record Purged(int v, Generation gen) implements ContentRecord {
        public Purged {
            Require.present(gen, "gen");
        }
    }
}
