package io.shoal.intake.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.shoal.contracts.records.StatusRecord;
import io.shoal.intake.categories.Category;
import io.shoal.intake.progress.LiveSlice;
import io.shoal.intake.progress.Progress;
import io.shoal.intake.quotas.DownloadQueue;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import io.shoal.intake.transfers.TransferState;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A transfer as its tenant sees it. It names no worker and no generation: a tenant must not learn how large the fleet is, nor count
 * what others add.
 *
 * @param reason why it has failed, is blocked, waits for a download slot, or does not get on; a code
 * @param size bytes of all files; null until the metadata is known
 */
@Schema(name = "Transfer", description = "One torrent in the library")
record TransferView(
        UUID id,

        @Schema(description = "Its number in the library, from 1; no other transfer of the library ever has it")
        int number,

        String infoHash,

        @Schema(description = "The name that the torrent has, cleaned")
        String name,

        @Schema(nullable = true, description = "The name that the tenant has given to it; null: show name") @Nullable
        String displayName,

        List<String> labels,

        @Schema(nullable = true, description = "The name of its category") @Nullable
        String category,

        TransferState state,

        @Schema(
                nullable = true,
                description = "Why it has failed, is blocked, waits or does not get on",
                examples = "no-peers")
        @Nullable
        String reason,

        @Schema(nullable = true, description = "There while it does not get on") @Nullable
        Stalled stalled,

        boolean paused,
        @JsonProperty("private") boolean isPrivate,

        @Schema(nullable = true, description = "Seeding goal, as a multiple of the wanted bytes; null: none") @Nullable
        Double ratio,

        @Schema(nullable = true, description = "Seeding goal: seconds of seeding in all; null: none") @Nullable
        Long seedingTime,

        @Schema(nullable = true, description = "Seeding goal: seconds of seeding without traffic; null: none") @Nullable
        Long idleTime,

        @Schema(
                description =
                        "Whether it is given a download slot before all others that are not, and goes on after its seeding goals")
        boolean force,

        @Schema(
                nullable = true,
                maximum = "" + DownloadQueue.POSITIONS,
                description =
                        "Its place in the download queue, from 0; the highest number also stands for all behind it;"
                                + " null once it is complete, and for keys with a label")
        @Nullable
        Integer queuePosition,

        @Schema(nullable = true, description = "Bytes it may receive per second; null: no limit of its own") @Nullable
        Long downRate,

        @Schema(nullable = true, description = "Bytes it may send per second; null: no limit of its own") @Nullable
        Long upRate,

        @Schema(nullable = true, description = "Bytes of all files; null until the metadata is known") @Nullable
        Long size,

        Bytes progress,
        Rates rates,
        Peers peers,
        Totals totals,

        Times times,
        @Nullable About torrent,

        @Schema(
                nullable = true,
                description = "Where clients are shown the content: the path of its category, if that has one, and its"
                        + " file or folder; null until the metadata is known")
        @Nullable
        String contentPath,

        @Schema(description = "When it was added to the library")
        Instant createdAt,

        @Schema(description = "Whether a verification that was asked for is not answered")
        boolean checking,

        @Schema(
                nullable = true,
                description = "Scheme, host and port of its first tracker",
                examples = "https://tracker.example")
        @Nullable
        String tracker) {

    @Schema(name = "Times")
    record Times(
            @Schema(
                    nullable = true,
                    description = "When all that is wanted was last found stored; null while something is missing")
            @Nullable
            Instant completedAt,

            @Schema(
                    nullable = true,
                    description = "The minute in which payload was last received or sent, written once a minute")
            @Nullable
            Instant lastActivityAt,

            @Schema(description = "How long it has been DOWNLOADING in all")
            long secondsDownloading,

            @Schema(description = "How long it has been SEEDING in all")
            long secondsSeeding) {}

    @Schema(
            name = "TorrentFacts",
            nullable = true,
            description = "What is known of the torrent; null until the metadata is")
    record About(
            @Schema(nullable = true, description = "The info-hash of version 2 (BEP 52), if the torrent has one")
            @Nullable
            String infoHashV2,

            int pieceLength,
            int pieceCount,

            @Schema(nullable = true, description = "From the .torrent; a magnet has none. Treat as untrusted text")
            @Nullable
            String comment,

            @Schema(nullable = true, description = "The program that made the .torrent, as that says") @Nullable
            String creator,

            @Schema(nullable = true, description = "When the .torrent was made, as that says") @Nullable
            Instant createdAt) {}

    /** Returns the same without the figures that grow by themselves: what is equal then needs not to be sent again. */
    TransferView withoutClocks() {
        return new TransferView(
                id,
                number,
                infoHash,
                name,
                displayName,
                labels,
                category,
                state,
                reason,
                stalled,
                paused,
                isPrivate,
                ratio,
                seedingTime,
                idleTime,
                force,
                queuePosition,
                downRate,
                upRate,
                size,
                progress,
                rates,
                peers,
                totals,
                new Times(times.completedAt, times.lastActivityAt, 0, 0),
                torrent,
                contentPath,
                createdAt,
                checking,
                tracker);
    }

    @Schema(name = "Stalled")
    record Stalled(String reason, Instant since) {}

    /**
     * @param wantedBytes bytes that must be stored: whole segments, so they may be more than the files that are wanted
     * @param verifiedBytes bytes that have been downloaded and verified: what a progress bar shows
     * @param storedBytes bytes that are durable: whole segments of up to 16 MiB
     * @param stale whether more may have happened than can be seen now
     */
    @Schema(name = "Progress")
    record Bytes(
            @Schema(
                    description =
                            "Bytes that must be stored: whole segments, so they may be more than the files wanted")
            long wantedBytes,

            @Schema(
                    description =
                            "Of these, bytes that have been downloaded and verified: show them as progress. While no worker has the transfer loaded only stored bytes are known, so the value may fall for a moment")
            long verifiedBytes,

            @Schema(
                    description =
                            "Of these, bytes that are durable and can be read. Stored are whole segments of up to 16 MiB, so this grows in steps, and for a small torrent in one step at the end")
            long storedBytes,

            @Schema(
                    description =
                            "Whether more may have happened than can be seen now: the fleet's reports cannot be read, or the"
                                    + " worker has not reported for 5 s although bytes were received (7 s: sent)")
            boolean stale) {}

    @Schema(name = "Rates", description = "Payload in bytes per second")
    record Rates(long down, long up) {}

    @Schema(name = "Peers")
    record Peers(
            int connected,
            int seeds,

            @Schema(description = "Copies of the rarest piece among them, in thousandths")
            int availability) {}

    @Schema(name = "Totals", description = "Payload in bytes; sent: since this transfer joined")
    record Totals(long down, long up) {}

    static TransferView of(LibraryReader.Item item, Progress progress) {
        Transfer transfer = item.transfer();
        Torrent torrent = item.torrent();
        Category category = item.category();
        LiveSlice live = progress.live();
        return new TransferView(
                transfer.id(),
                item.library().numberOf(transfer),
                transfer.infoHash().hex(),
                transfer.name(),
                transfer.marks().displayName(),
                transfer.marks().labels().list(),
                category == null ? null : category.name(),
                transfer.state(),
                reason(transfer),
                stalled(transfer),
                transfer.paused(),
                torrent == null ? transfer.privateAsked() : torrent.isPrivate(),
                transfer.goals().ratio(),
                transfer.goals().seedingSeconds(),
                transfer.goals().idleSeconds(),
                transfer.isForced(),
                item.library().label() == null ? item.queuePosition() : null,
                limit(transfer.rates().down()),
                limit(transfer.rates().up()),
                torrent == null ? null : torrent.size(),
                new Bytes(progress.wanted(), progress.verified(), progress.stored(), progress.stale()),
                live == null
                        ? new Rates(0, 0)
                        : new Rates(live.rates().down(), live.rates().up()),
                live == null
                        ? new Peers(0, 0, 0)
                        : new Peers(
                                live.peers().connected(),
                                live.peers().seeds(),
                                live.peers().availability()),
                new Totals(progress.down(), progress.up()),
                times(item),
                torrent == null ? null : about(transfer, torrent),
                torrent == null ? null : contentPath(transfer, category),
                transfer.createdAt(),
                transfer.course().isChecking(),
                tracker(transfer));
    }

    private static @Nullable String tracker(Transfer transfer) {
        return transfer.sources().trackers().stream()
                .flatMap(List::stream)
                .findFirst()
                .map(TrackersView::host)
                .orElse(null);
    }

    private static @Nullable Long limit(long rate) {
        return rate == 0 ? null : rate;
    }

    private static Times times(LibraryReader.Item item) {
        Transfer transfer = item.transfer();
        Instant now = Instant.now();
        return new Times(
                transfer.course().completedAt(),
                item.found().activeAt(),
                transfer.course().secondsDownloading(now),
                transfer.course().secondsSeeding(now));
    }

    private static About about(Transfer transfer, Torrent torrent) {
        return new About(
                torrent.infoHashV2(),
                torrent.pieceLength(),
                torrent.pieces(),
                transfer.about().comment(),
                transfer.about().creator(),
                transfer.about().createdAt());
    }

    private static String contentPath(Transfer transfer, @Nullable Category category) {
        String folder = category == null ? null : category.savePath();
        return folder == null ? transfer.name() : folder + (folder.endsWith("/") ? "" : "/") + transfer.name();
    }

    private static @Nullable String reason(Transfer transfer) {
        if (transfer.hindrances().block() != null) {
            return code(transfer.hindrances().block());
        }
        if (transfer.hindrances().failure() != null) {
            return code(transfer.hindrances().failure());
        }
        Stalled stalled = stalled(transfer);
        return stalled == null ? null : stalled.reason;
    }

    private static @Nullable Stalled stalled(Transfer transfer) {
        if (transfer.slot().queuedSince() != null) {
            return new Stalled(code(StatusRecord.Reason.LIMITS), transfer.slot().queuedSince());
        }
        StatusRecord.Reason reason = transfer.hindrances().stalled();
        Instant since = transfer.hindrances().stalledSince();
        return reason == null || since == null ? null : new Stalled(code(reason), since);
    }

    static String code(Enum<?> reason) {
        return reason.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
