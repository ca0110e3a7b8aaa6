package io.shoal.intake.transfers;

import io.shoal.bittorrent.metainfo.About;
import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What the .torrent of a transfer said about itself. */
@Embeddable
class Description {
    @Column(name = "comment")
    private @Nullable String comment;

    @Column(name = "creator")
    private @Nullable String creator;

    @Column(name = "made_at")
    private @Nullable Instant madeAt;

    /** For Hibernate. */
    protected Description() {}

    Description(About about) {
        this.comment = about.comment();
        this.creator = about.creator();
        this.madeAt = about.createdAt();
    }

    About about() {
        return new About(comment, creator, madeAt);
    }
}
