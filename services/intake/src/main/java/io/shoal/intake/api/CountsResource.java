package io.shoal.intake.api;

import io.shoal.intake.categories.Categories;
import io.shoal.intake.transfers.TransferCounts.Counts;
import io.shoal.intake.transfers.TransferState;
import io.shoal.intake.transfers.VisibleLibrary;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How many transfers of a library are in which state, category and under which label: what a client shows beside its list. */
@Path("/v1/transfers/counts")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class CountsResource {
    private final Caller caller;
    private final CountedTransfers transfers;
    private final Categories categories;

    CountsResource(Caller caller, CountedTransfers transfers, Categories categories) {
        this.caller = caller;
        this.transfers = transfers;
        this.categories = categories;
    }

    @Schema(name = "TransferCounts")
    record CountsView(
            long total,

            @Schema(description = "By state; all states are there")
            Map<String, Long> states,

            @Schema(description = "By category, in the order of their names; those without transfers too")
            List<CategoryCount> categories,

            @Schema(description = "Transfers without a category")
            long uncategorised,

            @Schema(description = "By label, the most frequent first, at most 1,000")
            List<LabelCount> labels,

            @Schema(description = "Whether there are more labels")
            boolean moreLabels) {}

    @Schema(name = "CategoryCount")
    record CategoryCount(String category, long transfers) {}

    @Schema(name = "LabelCount")
    record LabelCount(String label, long transfers) {}

    @GET
    @Operation(
            operationId = "countTransfers",
            summary = "Count the transfers by state, category and label",
            description =
                    "As they were up to 5 seconds ago, or longer ago where a library is so large that counting takes more"
                            + " than 250 ms: 20 times as long as that takes")
    public CountsView counts() {
        VisibleLibrary library = caller.library();
        Counts counts = transfers.of(library);
        Map<String, Long> states = new LinkedHashMap<>();
        Arrays.stream(TransferState.values())
                .forEach(state -> states.put(state.name(), counts.states().getOrDefault(state, 0L)));
        return new CountsView(
                counts.total(),
                states,
                categories.of(library.tenant()).stream()
                        .map(category -> new CategoryCount(
                                category.name(), counts.categories().getOrDefault(category.id(), 0L)))
                        .toList(),
                counts.uncategorised(),
                counts.labels().stream()
                        .map(label -> new LabelCount(label.label(), label.transfers()))
                        .toList(),
                counts.moreLabels());
    }
}
