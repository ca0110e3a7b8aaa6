package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.bittorrent.FileIndex;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.paths.ContentDisposition;
import io.shoal.intake.infos.InfoStore;
import io.shoal.intake.links.Links;
import io.shoal.intake.planning.Change;
import io.shoal.intake.planning.Changes;
import io.shoal.intake.planning.Library;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.torrents.Sources;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.objectstore.StoreUnavailableException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A tenant's library: what is in it, and what is changed and removed. {@link SubmissionsResource} adds to it. */
@Path("/v1/transfers")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class TransfersResource {
    static final String TORRENT_TYPE = "application/x-bittorrent";
    private static final int CHANGE_BYTES = 1 << 20;
    private static final int MAX_FILES = 1_000;

    private final Caller caller;
    private final Library library;
    private final Changes changes;
    private final TransferBatches batches;
    private final LibraryReader libraryReader;
    private final ListQuery lists;
    private final ListCursors listCursors;
    private final RequestBodies bodies;
    private final InfoStore infos;
    private final Links links;

    TransfersResource(
            Caller caller,
            Library library,
            Changes changes,
            TransferBatches batches,
            LibraryReader libraryReader,
            ListQuery lists,
            ListCursors listCursors,
            RequestBodies bodies,
            InfoStore infos,
            Links links) {
        this.caller = caller;
        this.library = library;
        this.changes = changes;
        this.batches = batches;
        this.libraryReader = libraryReader;
        this.lists = lists;
        this.listCursors = listCursors;
        this.bodies = bodies;
        this.infos = infos;
        this.links = links;
    }

    @Schema(name = "Link")
    record LinkView(URI url, Instant expiresAt) {}

    /** For the documentation only: an absent field must be distinguished from null. */
    @Schema(name = "TransferChange", description = "What is not there stays as it is")
    record ChangeBody(
            @Schema(nullable = true, description = "Indexes of the files that are wanted; null: all") @Nullable
            List<Integer> wanted,

            @Nullable PrioritiesBody priorities,
            @Nullable Boolean paused,

            @Schema(nullable = true, minimum = "0", maximum = "1000", description = "Seeding goal; null: until removed")
            @Nullable
            Double ratio,

            @Schema(
                    nullable = true,
                    minimum = "0",
                    maximum = "" + TransferFields.MAX_SECONDS,
                    description = "Seeding goal: seconds of seeding in all; null: none")
            @Nullable
            Long seedingTime,

            @Schema(
                    nullable = true,
                    minimum = "" + TransferFields.IDLE_SECONDS_MIN,
                    maximum = "" + TransferFields.MAX_SECONDS,
                    description = "Seeding goal: seconds of seeding without traffic; null: none")
            @Nullable
            Long idleTime,

            @Schema(nullable = true, maxItems = Labels.MOST, description = "All labels that it has then") @Nullable
            List<String> labels,

            @Schema(nullable = true, description = "The name of one of the tenant's categories; null: none") @Nullable
            String category,

            @Schema(
                    nullable = true,
                    minLength = 1,
                    maxLength = Names.CHARS,
                    description = "Shown in the place of the torrent's name; null: that name")
            @Nullable
            String displayName,

            @Schema(
                    description =
                            "Whether it is given a download slot before all others that are not, and goes on after its seeding goals")
            @Nullable
            Boolean force,

            @Schema(
                    nullable = true,
                    minimum = "0",
                    description = "Bytes it may receive per second; 0 and null: no limit")
            @Nullable
            Long downRate,

            @Schema(nullable = true, minimum = "0", description = "Bytes it may send per second; 0 and null: no limit")
            @Nullable
            Long upRate) {}

    @GET
    @Operation(
            operationId = "listTransfers",
            summary = "List transfers, newest first unless another order is asked for",
            description = "A cursor is good only for the filter and the order that it came from")
    public TransferPage list(
            @QueryParam("state")
                    @Parameter(description = "States, repeated for several: transfers that are in one of them")
                    List<String> states,
            @QueryParam("label") @Parameter(description = "Transfers that have this label") @Nullable String label,
            @QueryParam("category") @Parameter(description = "Transfers of the category of this name") @Nullable
                    String category,
            @QueryParam("uncategorised") @Parameter(description = "true: transfers without a category") @Nullable
                    String uncategorised,
            @QueryParam("text")
                    @Parameter(
                            description =
                                    "Transfers that have this text in one of their names, in upper or lower case; a text without"
                                            + " three letters or digits in a row may be looked for at the beginning of the shown name"
                                            + " only")
                    @Nullable
                    String text,
            @QueryParam("sort")
                    @Parameter(
                            description =
                                    "added, name, size, progress, ratio, state or queue (which has only what is not complete);"
                                            + " progress and ratio as they were up to a minute ago")
                    @Nullable
                    String sort,
            @QueryParam("order")
                    @Parameter(description = "asc or desc; without it, desc for added and asc for all others")
                    @Nullable
                    String direction,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        VisibleLibrary visible = caller.library();
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        ListOrder order = ListQuery.order(sort, direction);
        Optional<ListFilter> filter = lists.filter(visible.tenant(), states, label, category, uncategorised, text);
        if (filter.isEmpty() || order.isEmptyOf(filter.get())) {
            return new TransferPage(List.of(), null);
        }
        ListCursor cursors = listCursors.of(visible, filter.get(), order);
        List<LibraryReader.Item> found =
                libraryReader.page(visible, filter.get(), order, cursors.parse(cursor), size + 1);
        return new TransferPage(
                found.stream().limit(size).map(libraryReader::view).toList(),
                found.size() > size ? cursors.of(order.of(found.get(size - 1).found())) : null);
    }

    @GET
    @Path("{id}")
    @Operation(operationId = "getTransfer", summary = "Look at a transfer")
    public TransferView get(@PathParam("id") String id) {
        return libraryReader.view(libraryReader.find(caller.library(), Ids.parse(id)));
    }

    @PATCH
    @Path("{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "changeTransfer", summary = "Change what is wanted of a transfer")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = ChangeBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = TransferView.class)))
    public TransferView change(@PathParam("id") String text, InputStream body, @Context HttpHeaders headers)
            throws StoreUnavailableException {
        UUID id = Ids.parse(text);
        libraryReader.find(caller.library(), id);
        Change change = bodies.read(
                body, headers, CHANGE_BYTES, bytes -> ChangeBodies.read(bodies.json(bytes, JsonNode.class)));
        TransferBatches.refuse(changes.change(caller.library(), id, change));
        return libraryReader.view(libraryReader.find(caller.library(), id));
    }

    @PATCH
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "changeTransfers",
            summary = "Change many transfers in the same way",
            description = "Each is changed as a whole or not at all, and for itself. To send the request again is safe")
    @RequestBody(
            required = true,
            content = @Content(schema = @Schema(implementation = TransferBatches.ChangeBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "What became of each",
            content = @Content(schema = @Schema(implementation = TransferBatches.Results.class)))
    public TransferBatches.Results changeMany(InputStream body, @Context HttpHeaders headers)
            throws StoreUnavailableException {
        TransferBatches.ChangeOfMany many = bodies.read(
                body,
                headers,
                CHANGE_BYTES,
                bytes -> TransferBatches.ChangeOfMany.read(bodies.json(bytes, JsonNode.class)));
        return batches.change(caller.library(), many);
    }

    @DELETE
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "removeTransfers",
            summary = "Remove many transfers, and their content after a grace",
            description = "To send the request again is safe: what is gone is answered as not found")
    @RequestBody(
            required = true,
            content = @Content(schema = @Schema(implementation = TransferBatches.RemoveBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "What became of each",
            content = @Content(schema = @Schema(implementation = TransferBatches.Results.class)))
    public TransferBatches.Results removeMany(InputStream body, @Context HttpHeaders headers)
            throws StoreUnavailableException {
        TransferBatches.RemoveBody asked =
                bodies.read(body, headers, CHANGE_BYTES, bytes -> bodies.json(bytes, TransferBatches.RemoveBody.class));
        return batches.remove(caller.library(), TransferBatches.checked(asked.ids()));
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "removeTransfer", summary = "Remove a transfer, and its content after a grace")
    @APIResponse(responseCode = "204", description = "Removed")
    public Response remove(@PathParam("id") String id) {
        if (!library.remove(caller.library(), Ids.parse(id))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }

    @GET
    @Path("{id}/files")
    @Operation(operationId = "listFiles", summary = "List the files of a transfer")
    public FilePage files(
            @PathParam("id") String id,
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue("" + MAX_FILES) @Schema(type = SchemaType.INTEGER) String limit)
            throws StoreUnavailableException {
        int size = Paging.limit(limit, MAX_FILES);
        int offset = Paging.offset(cursor);
        LibraryReader.OpenItem item = libraryReader.open(caller.library(), Ids.parse(id));
        return FilePage.of(
                item.layout(),
                item.transfer().wanted(),
                libraryReader.progress(item.transfer(), item.torrent()).segments(),
                offset,
                size);
    }

    @GET
    @Path("{id}/metainfo")
    @Produces(TORRENT_TYPE)
    @Operation(
            operationId = "getMetainfo",
            summary = "Download the .torrent",
            description = "With its trackers and web seeds if the key has the scope write: their URLs may be secrets")
    @APIResponse(
            responseCode = "200",
            description = "The .torrent",
            content = @Content(mediaType = TORRENT_TYPE, schema = @Schema(type = SchemaType.STRING, format = "binary")))
    public Response metainfo(@PathParam("id") String id) throws StoreUnavailableException {
        LibraryReader.Item item = libraryReader.find(caller.library(), Ids.parse(id));
        if (item.transfer().isDenied()) {
            throw ProblemException.of(ProblemKind.DENIED);
        }
        Torrent torrent = item.torrent();
        if (torrent == null) {
            throw ProblemException.of(ProblemKind.METADATA_PENDING);
        }
        Sources sources = caller.key().has(Scope.WRITE) ? item.transfer().sources() : Sources.NONE;
        Metainfo.Envelope envelope = Metainfo.Envelope.of(
                sources.trackers(), sources.webSeeds(), item.transfer().about());
        long info = infos.size(torrent.keys());
        // Streamed, because a large info dictionary must not be in memory for as long as a client takes to read it.
        InputStream stream = infos.open(torrent.keys(), info);
        return Response.ok((StreamingOutput) out -> {
                    try (stream) {
                        out.write(envelope.before());
                        stream.transferTo(out);
                        out.write(envelope.after());
                    }
                })
                .header(HttpHeaders.CONTENT_LENGTH, envelope.length((int) info))
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        ContentDisposition.attachment(item.transfer().name() + ".torrent"))
                .build();
    }

    @POST
    @Path("{id}/files/{index}/links")
    @RequiresScope(Scope.READ) // a link changes nothing
    @Operation(
            operationId = "createLink",
            summary = "Make a link to a file, good for some hours",
            description = "Only for files that were wanted at some time: the quota counts them")
    public LinkView link(@PathParam("id") String id, @PathParam("index") String index)
            throws StoreUnavailableException {
        LibraryReader.OpenItem item = libraryReader.open(caller.library(), Ids.parse(id));
        int file = fileIndex(index);
        if (!item.layout().hasFile(file)) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        if (!item.transfer().charge().contains(file)) {
            throw ProblemException.of(ProblemKind.NOT_WANTED);
        }
        String name = item.layout().path(file).name();
        Links.Link link = links.mint(caller.tenant(), item.torrent().keys(), new FileIndex(file), name);
        return new LinkView(link.url(), link.expiresAt());
    }

    private static int fileIndex(String text) {
        try {
            return Integer.parseUnsignedInt(text);
        } catch (NumberFormatException e) {
            throw ProblemException.invalid(
                    ProblemKind.INVALID_FIELD, "index", "must be the index of a file: a whole number from 0");
        }
    }
}
