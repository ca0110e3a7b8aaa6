package io.shoal.intake.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.shoal.intake.transfers.Labels;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A torrent to be added, as JSON: metainfo, a magnet or a URL.
 *
 * @param metainfo a .torrent of up to 8 MiB, in base64
 * @param url of a .torrent, or a magnet
 * @param wanted indexes of the files that are wanted; without it those that a magnet names (BEP 53), or all
 * @param isPrivate whether only its own trackers may give peers, whatever its metadata says
 * @param ratio how much must be given back, as a multiple of the wanted bytes; without it, it seeds until it is removed
 * @param category the name of one of the tenant's categories
 */
@Schema(name = "Submission", description = "A torrent to be added: one of metainfo, magnet and url")
@SuppressWarnings("ArrayRecordComponent") // decoded while the JSON is read, and never compared
record SubmissionBody(
        @Schema(type = SchemaType.STRING, format = "byte", description = "A .torrent of up to 8 MiB, in base64")
        byte @Nullable [] metainfo,

        @Schema(examples = "magnet:?xt=urn:btih:0123456789abcdef0123456789abcdef01234567") @Nullable
        String magnet,

        @Schema(
                examples = "https://indexer.example/download/1.torrent",
                description =
                        "The http or https URL of a .torrent, which is fetched before the answer, or a magnet link."
                                + " It may redirect to either")
        @Nullable
        String url,

        @Schema(description = "Indexes of the files that are wanted; else those a magnet names (so), or all") @Nullable
        List<Integer> wanted,

        @Nullable PrioritiesBody priorities,

        @Nullable Boolean paused,

        @JsonProperty("private")
        @Schema(description = "Whether only its own trackers may give peers, whatever its metadata says")
        @Nullable
        Boolean isPrivate,

        @Schema(
                minimum = "0",
                maximum = "1000",
                description = "Seeding goal, as a multiple of the wanted bytes; without it, it seeds until removed")
        @Nullable
        Double ratio,

        @Schema(
                minimum = "0",
                maximum = "" + TransferFields.MAX_SECONDS,
                description = "Seeding goal: seconds of seeding in all")
        @Nullable
        Long seedingTime,

        @Schema(
                minimum = "" + TransferFields.IDLE_SECONDS_MIN,
                maximum = "" + TransferFields.MAX_SECONDS,
                description = "Seeding goal: seconds of seeding without traffic")
        @Nullable
        Long idleTime,

        @Schema(maxItems = Labels.MOST, description = "Labels to find it by") @Nullable
        List<@Nullable String> labels,

        @Schema(maxLength = Names.CHARS, description = "The name of one of the tenant's categories") @Nullable
        String category,

        @Schema(minLength = 1, maxLength = Names.CHARS, description = "Shown in the place of the torrent's name")
        @Nullable
        String displayName,

        @Schema(
                description =
                        "Whether it is given a download slot before all others that are not, and goes on after its seeding goals")
        @Nullable
        Boolean force,

        @Schema(nullable = true, minimum = "0", description = "Bytes it may receive per second; 0 and null: no limit")
        @Nullable
        Long downRate,

        @Schema(nullable = true, minimum = "0", description = "Bytes it may send per second; 0 and null: no limit")
        @Nullable
        Long upRate) {}
