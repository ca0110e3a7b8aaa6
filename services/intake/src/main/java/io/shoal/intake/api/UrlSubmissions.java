package io.shoal.intake.api;

import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.egress.http.FetchException;
import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.FetchStream;
import io.shoal.intake.fetches.NoPlaceException;
import io.shoal.intake.fetches.UrlFetches;
import io.shoal.intake.planning.Library;
import io.shoal.intake.planning.Planner;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.PushbackInputStream;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * Adds what a URL leads to: a .torrent, or a magnet that it redirects to. The .torrent counts against the budgets of uploaded ones
 * from its first byte on. Problems say what failed in words of ours: nothing of the answer is shown but its status, because the URL
 * may lead where the tenant itself cannot look.
 */
@ApplicationScoped
class UrlSubmissions {
    private final UrlFetches fetches;
    private final RequestBodies bodies;
    private final MemoryBudget parsing;
    private final Library library;
    private final CurrentVertxRequest current;

    UrlSubmissions(
            UrlFetches fetches,
            RequestBodies bodies,
            MemoryBudget parsing,
            Library library,
            CurrentVertxRequest current) {
        this.current = current;
        this.fetches = fetches;
        this.bodies = bodies;
        this.parsing = parsing;
        this.library = library;
    }

    /** What a URL leads to. */
    private sealed interface Found {
        record Magnet(String uri) implements Found {}

        record Torrent(PagedBytes bytes) implements Found {}
    }

    /** Fetches the URL and adds what it leads to. */
    Planner.Added add(VisibleLibrary visible, Submissions.ToFetch submission) throws StoreUnavailableException {
        if (!fetches.areEnabled()) {
            throw ProblemException.of(ProblemKind.URL_FETCHING_DISABLED);
        }
        try (RequestBodies.Room room = bodies.room()) {
            return switch (fetch(visible.tenant(), submission, room)) {
                case Found.Magnet(String uri) ->
                    library.add(visible, submission.options().magnet(uri));
                case Found.Torrent(PagedBytes torrent) ->
                    parsing.with(
                            Info.cost(Math.min(torrent.length(), Limits.INFO_BYTES)),
                            () -> library.add(visible, submission.options().metainfo(torrent)));
            };
        }
    }

    private Found fetch(UUID tenant, Submissions.ToFetch submission, RequestBodies.Room room) {
        int bytesMax = Math.min(Limits.METAINFO_BYTES, room.capacity());
        try {
            return fetches.get(
                    tenant, submission.url(), bytesMax, clientHasLeft(), answer -> read(answer, bytesMax, room));
        } catch (FetchException e) {
            throw problem(e.failure(), bytesMax);
        } catch (IOException | NoPlaceException e) {
            throw ProblemException.of(ProblemKind.BUSY);
        }
    }

    /** A client that leaves must not keep a place of its tenant. */
    private CompletionStage<?> clientHasLeft() {
        CompletableFuture<Void> left = new CompletableFuture<>();
        current.getCurrent().addEndHandler(ended -> left.complete(null));
        return left;
    }

    private static Found read(FetchStream answer, int bytesMax, RequestBodies.Room room) throws IOException {
        String magnet = answer.magnet();
        if (magnet != null) {
            return new Found.Magnet(magnet);
        }
        int status = answer.status();
        if (status < 200 || status >= 300) {
            throw ProblemException.urlStatus(status);
        }
        PushbackInputStream body = new PushbackInputStream(answer);
        int first = body.read();
        if (first != 'd') {
            throw ProblemException.of(ProblemKind.NOT_A_TORRENT);
        }
        body.unread(first);
        return new Found.Torrent(room.read(body, bytesMax));
    }

    private static ProblemException problem(FetchFailure failure, int bytesMax) {
        return switch (failure) {
            // One problem for both: which names exist behind the firewall is not for tenants to know.
            case DNS, FORBIDDEN_ADDRESS -> ProblemException.of(ProblemKind.URL_NOT_ALLOWED);
            case UNREACHABLE -> ProblemException.of(ProblemKind.URL_UNREACHABLE);
            case TIMEOUT -> ProblemException.of(ProblemKind.URL_TIMEOUT);
            case TLS -> ProblemException.of(ProblemKind.URL_TLS);
            case REDIRECT -> ProblemException.of(ProblemKind.URL_REDIRECT);
            case TOO_LARGE ->
                ProblemException.of(ProblemKind.URL_TOO_LARGE, "At most " + bytesMax + " bytes are taken here");
            case MALFORMED, CLOSED -> ProblemException.of(ProblemKind.URL_BROKEN_ANSWER);
            case CANCELLED -> ProblemException.of(ProblemKind.BUSY);
        };
    }
}
