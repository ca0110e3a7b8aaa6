package io.shoal.intake.api;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.intake.planning.Library;
import io.shoal.intake.planning.Planner;
import io.shoal.intake.planning.Submission;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.StoreUnavailableException;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Adds torrents to a tenant's library. A body and the memory for decoding it are held for no longer than they are needed. */
@Path("/v1/transfers")
@ForTenant
@ForAppKeys
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class SubmissionsResource {
    private static final String TORRENT_TYPE = TransfersResource.TORRENT_TYPE;

    private final Caller caller;
    private final Library library;
    private final LibraryReader libraryReader;
    private final RequestBodies bodies;
    private final UrlSubmissions urls;
    private final MemoryBudget parsing;

    SubmissionsResource(
            Caller caller,
            Library library,
            LibraryReader libraryReader,
            RequestBodies bodies,
            UrlSubmissions urls,
            MemoryBudget parsing) {
        this.caller = caller;
        this.library = library;
        this.libraryReader = libraryReader;
        this.bodies = bodies;
        this.urls = urls;
        this.parsing = parsing;
    }

    @POST
    @Consumes({TORRENT_TYPE, MediaType.APPLICATION_JSON})
    @Operation(operationId = "addTransfer", summary = "Add a torrent, or find the transfer that has it")
    @RequestBody(
            required = true,
            content = {
                @Content(mediaType = TORRENT_TYPE, schema = @Schema(type = SchemaType.STRING, format = "binary")),
                @Content(
                        mediaType = MediaType.APPLICATION_JSON,
                        schema = @Schema(implementation = SubmissionBody.class))
            })
    @APIResponse(
            responseCode = "201",
            description = "Added",
            content = @Content(schema = @Schema(implementation = TransferView.class)))
    @APIResponse(
            responseCode = "200",
            description = "The library has it already; it keeps its wishes and its trackers, whatever this says",
            content = @Content(schema = @Schema(implementation = TransferView.class)))
    public Response add(InputStream body, @Context HttpHeaders headers) throws StoreUnavailableException {
        MediaType type = headers.getMediaType();
        boolean isTorrent = type != null && type.isCompatible(MediaType.valueOf(TORRENT_TYPE));
        int limit = isTorrent ? Limits.METAINFO_BYTES : Submissions.JSON_BYTES;
        Rest rest = bodies.read(body, headers, limit, bytes -> isTorrent ? addTorrent(bytes) : addJson(bytes));
        Planner.Added added = rest.run();
        // The state in which it was added or found: another client of the tenant may have removed it since.
        TransferView view =
                libraryReader.view(libraryReader.added(caller.library(), added.transfer(), added.torrent()));
        return added.isNew()
                ? Response.created(URI.create("/v1/transfers/" + view.id()))
                        .entity(view)
                        .build()
                : Response.ok(view).build();
    }

    /** The rest of the work on a submission, after its body and the memory for decoding it were released. */
    @FunctionalInterface
    private interface Rest {
        Planner.Added run() throws StoreUnavailableException;
    }

    private Rest addTorrent(PagedBytes torrent) throws StoreUnavailableException {
        Planner.Added added = parsing.with(
                Info.cost(Math.min(torrent.length(), Limits.INFO_BYTES)),
                () -> library.add(caller.library(), Submissions.ofTorrent(torrent)));
        return () -> added;
    }

    private Rest addJson(PagedBytes json) throws StoreUnavailableException {
        if (json.length() > PagedBytes.PAGE) {
            return parsing.with(
                    Submissions.cost(json.length()), () -> addDecoded(bodies.json(json, SubmissionBody.class)));
        }
        // Decoded at once, because it is small: a magnet does not wait for the memory that others use for their
        // torrents.
        SubmissionBody body = bodies.json(json, SubmissionBody.class);
        return body.metainfo() == null
                ? addDecoded(body)
                : parsing.with(Submissions.cost(json.length()), () -> addDecoded(body));
    }

    /** A torrent is parsed and planned at once. A magnet may make a reservation of its own, and a URL takes long to fetch. */
    private Rest addDecoded(SubmissionBody body) throws StoreUnavailableException {
        VisibleLibrary visible = caller.library();
        return switch (Submissions.of(body)) {
            case Submissions.ToFetch toFetch -> () -> urls.add(visible, toFetch);
            case Submissions.Ready(Submission.OfMagnet magnet) -> () -> library.add(visible, magnet);
            case Submissions.Ready(Submission submission) -> {
                Planner.Added added = library.add(visible, submission);
                yield () -> added;
            }
        };
    }
}
