package io.shoal.intake.transfers;

import io.shoal.intake.torrents.Requests;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The search for the metadata of a transfer that was added as a magnet, and where what was found lies until it can be planned. */
@Embeddable
public class Search {
    @Column(name = "magnet")
    private @Nullable String magnet;

    @Column(name = "rev")
    private long rev;

    @Column(name = "resolving_since")
    private @Nullable Instant resolvingSince;

    @Column(name = "metadata_kept")
    private boolean metadataKept;

    @Column(name = "reannounce")
    private int reannounces;

    @Column(name = "reannounced_at")
    private @Nullable Instant reannouncedAt;

    /** It begins, or begins again. */
    void begin(String uri, long nextRev) {
        magnet = uri;
        rev = nextRev;
        metadataKept = false;
    }

    /** The metadata is known, and the transfer is planned with it. */
    void end() {
        magnet = null;
        metadataKept = false;
    }

    /** It is given up; the link is kept. */
    void giveUp() {
        metadataKept = false;
    }

    void revise(long nextRev) {
        rev = nextRev;
    }

    /**
     * The tenant asks for an announce, as of {@link io.shoal.intake.torrents.Torrent#reannounce}.
     *
     * @return whether the owner must be told
     */
    public boolean reannounce(Instant now, LongSupplier nextRev) {
        if (!Requests.mayFollow(reannouncedAt, now)) {
            return false;
        }
        reannouncedAt = now;
        reannounces++;
        rev = nextRev.getAsLong();
        return true;
    }

    /** Returns how often its owner was told to announce at once. */
    public int reannounces() {
        return reannounces;
    }

    /** The metadata lies at its key of resolved metadata, until the transfer is planned. */
    public void keepMetadata() {
        metadataKept = true;
    }

    /** The state of the transfer changes now, or is entered again. */
    void move(TransferState from, TransferState to) {
        if (to != TransferState.RESOLVING) {
            resolvingSince = null;
        } else if (from != to || resolvingSince == null) {
            resolvingSince = Instant.now();
        }
    }

    @Nullable
    String magnet() {
        return magnet;
    }

    long rev() {
        return rev;
    }

    /** Returns whether the metadata lies at its key of resolved metadata. */
    public boolean keepsMetadata() {
        return metadataKept;
    }
}
