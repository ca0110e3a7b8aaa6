package io.shoal.intake.transfers;

import io.shoal.contracts.records.Wanted;
import io.shoal.intake.infos.SegmentShare;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * The part of its torrent that a transfer wants, and how much of that it has given back. What it gives counts from what the torrent had
 * sent when the transfer joined.
 */
@Embeddable
class WantedPart {
    @Column(name = "wanted")
    private Wanted files;

    @Column(name = "wanted_bytes")
    private long bytes;

    @Column(name = "wanted_segments")
    private byte @Nullable [] segments;

    @Column(name = "joined_up")
    private long joinedUp;

    @Column(name = "ratio")
    private @Nullable Double ratio;

    /** For Hibernate. */
    protected WantedPart() {}

    WantedPart(Wanted files, @Nullable Double ratio) {
        this.files = files;
        this.ratio = ratio;
    }

    void want(Wanted others, SegmentShare share) {
        files = others;
        take(share);
    }

    /** These segments are those of the files. */
    void take(SegmentShare share) {
        bytes = share.bytes();
        segments = share.segments() == null ? null : share.segments().toByteArray();
    }

    /** The torrent had sent so much before. */
    void join(long upSoFar) {
        joinedUp = upSoFar;
    }

    void seedTo(@Nullable Double newRatio) {
        ratio = newRatio;
    }

    /** Returns whether the ratio is reached, now that the torrent has sent {@code up} bytes. If that fell back, it counts from there. */
    boolean hasGiven(long up) {
        joinedUp = Math.min(joinedUp, up);
        return ratio != null && up - joinedUp >= ratio * bytes;
    }

    /** Returns how much the torrent must have sent until the ratio is reached; the largest number if no total can reach it. */
    long goalUp() {
        return ratio == null
                ? Long.MAX_VALUE
                : (long) (joinedUp + Math.ceil(ratio * bytes)); // a double, so that no sum overflows
    }

    Wanted files() {
        return files;
    }

    SegmentShare share() {
        return new SegmentShare(segments == null ? null : BitSet.valueOf(segments), bytes);
    }

    long joinedUp() {
        return joinedUp;
    }

    @Nullable
    Double ratio() {
        return ratio;
    }
}
