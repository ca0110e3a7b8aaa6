package io.shoal.intake.planning;

import io.shoal.bittorrent.InfoHash;
import io.shoal.bittorrent.metainfo.About;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.AddOptions;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.VisibleLibrary;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The torrent to plan, and the reason for it.
 *
 * @param digest SHA-256 of the info dictionary: the info-hash of version 2 (BEP 52), if the torrent has one
 * @param sources that come with it, beside those that the transfer has
 * @param cause decides which transfer is planned, and what happens if the torrent is denied or the quota exceeded
 */
record Plan(UUID tenant, FileLayout layout, String digest, Sources sources, Cause cause) {
    static Plan of(UUID tenant, FileLayout layout, Sources sources, Cause cause) {
        return new Plan(tenant, layout, Digests.sha256(layout.info().orElseThrow()), sources, cause);
    }

    /** Why something is planned. */
    sealed interface Cause {
        /** Returns whether the plan still applies to the library's transfer of the torrent, or to its absence. */
        boolean isFor(Optional<Transfer> transfer);
    }

    /**
     * The tenant submits the torrent. A transfer is made if there is none; a refusal is an exception.
     *
     * @param about what the .torrent says about itself
     * @param library in which the request sees transfers
     */
    record Submitted(AddOptions options, About about, VisibleLibrary library) implements Cause {
        @Override
        public boolean isFor(Optional<Transfer> transfer) {
            return transfer.map(found -> !found.isPlanned() && !found.isDenied())
                    .orElse(true);
        }
    }

    /** Metadata was found for a transfer that waits. It is blocked if it cannot be planned; its metadata is kept then. */
    record Resolved() implements Cause {
        @Override
        public boolean isFor(Optional<Transfer> transfer) {
            return transfer.map(found ->
                            found.awaitsMetadata() || found.hindrances().isOverQuota())
                    .orElse(false);
        }
    }

    /**
     * The tenant starts a transfer that was blocked by a denial. A refusal is an exception.
     *
     * @param change made together with the start
     * @param library in which the request sees the transfer
     */
    record Started(Change change, VisibleLibrary library) implements Cause {
        @Override
        public boolean isFor(Optional<Transfer> transfer) {
            return transfer.map(found -> !found.isPlanned() && found.isDenied() && library.has(found))
                    .orElse(false);
        }
    }

    /** Whether a transfer that is made for this plan is to be private, whatever the metadata says. */
    boolean privateAsked() {
        return cause instanceof Submitted submitted && submitted.options().privateAsked();
    }

    InfoHash infoHash() {
        return layout.infoHash();
    }

    /** All names by which the operator may deny the torrent. */
    List<String> hashes() {
        return List.of(infoHash().hex(), digest);
    }

    /** Returns the facts about the torrent that hold in every generation. */
    Torrent.Facts facts(boolean privateAsked) {
        Info info = layout.info().orElseThrow();
        return new Torrent.Facts(
                infoHash(),
                digest,
                info.isHybrid(),
                layout.name(),
                layout.size(),
                layout.files().size(),
                layout.geometry().segments().size(),
                info.pieces().pieceLength(),
                info.pieces().count(),
                layout.isPrivate() || privateAsked);
    }
}
