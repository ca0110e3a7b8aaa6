package io.shoal.storage.serving;

import io.shoal.contracts.links.LinkToken;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import io.shoal.storage.streams.NoPlaceException;
import io.shoal.storage.streams.OpenStream;
import io.shoal.storage.streams.OpenStreams;
import io.shoal.storage.streams.StreamLimits;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HEAD;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Follows links. Where one object is the whole file, GET is redirected to the store; otherwise, and for every HEAD, this
 * service answers itself. Content is untrusted: no answer sets a cookie, and each has the headers that restrict what a browser
 * does with it.
 */
@Path("/content/{token}/{name: .+}")
public class ContentResource {
    private static final Logger LOG = Logger.getLogger(ContentResource.class);

    /** Bytes of a validator: 16 characters, so that it is not taken for an MD5. */
    private static final int TAG_BYTES = 12;

    /** The headers of every answer. */
    static final Map<String, String> SECURITY_HEADERS = Map.of(
            "X-Content-Type-Options", "nosniff",
            "Content-Security-Policy", "sandbox; default-src 'none'",
            "Referrer-Policy", "no-referrer");

    private final LinkVerifier links;
    private final StoredFiles files;
    private final FileReader reader;
    private final ObjectStore store;
    private final Clock clock = Clock.systemUTC();
    private final OpenStreams streams;
    private final StreamLimits limits;
    private final Duration redirectLifetime;

    ContentResource(
            LinkVerifier links,
            StoredFiles files,
            FileReader reader,
            ObjectStore store,
            OpenStreams streams,
            StreamLimits limits,
            @ConfigProperty(name = "shoal.redirect.lifetime") Duration redirectLifetime) {
        this.links = links;
        this.files = files;
        this.reader = reader;
        this.store = store;
        this.streams = streams;
        this.limits = limits;
        this.redirectLifetime = redirectLifetime;
    }

    /** Returns the bytes, or a redirect to them. The name in the path is for people and is not read. */
    @GET
    @RunOnVirtualThread
    public Response get(
            @PathParam("token") String token,
            @HeaderParam("Range") @Nullable String range,
            @HeaderParam("If-Range") @Nullable String ifRange,
            @Context Request request,
            @Context RoutingContext routing) {
        return answer(token, (link, file) -> {
            EntityTag tag = tag(link);
            Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
            if (unchanged != null) {
                return unchanged;
            }
            Optional<URI> redirect = redirect(link, file);
            if (redirect.isPresent()) {
                return Response.status(Response.Status.FOUND)
                        .location(redirect.get())
                        .header(HttpHeaders.CACHE_CONTROL, "no-store");
            }
            boolean ranged = ifRange == null || ifRange.equals("\"" + tag.getValue() + "\"");
            return content(routing, link, file, ByteRange.of(ranged ? range : null, file.length()));
        });
    }

    /** Returns the headers that GET without a range has if it is not redirected. */
    @HEAD
    @RunOnVirtualThread
    public Response head(@PathParam("token") String token, @Context Request request) {
        return answer(token, (link, file) -> {
            Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag(link));
            if (unchanged != null) {
                return unchanged;
            }
            if (!file.has(0, file.length())) {
                throw new RefusedException(RefusedException.Reason.NOT_STORED_YET);
            }
            ContentHeaders headers = file.ownObject().isPresent()
                    ? ContentHeaders.attachment(link.name())
                    : ContentHeaders.inline(link.name());
            return described(Response.ok(), link, headers).header(HttpHeaders.CONTENT_LENGTH, file.length());
        });
    }

    private interface Answering {
        Response.ResponseBuilder answer(LinkToken link, StoredFile file)
                throws RefusedException, StoreUnavailableException;
    }

    private Response answer(String token, Answering answering) {
        Response.ResponseBuilder answer;
        try {
            LinkToken link = links.verify(token, clock.instant());
            answer = answering.answer(link, files.find(link));
        } catch (RefusedException e) {
            answer = Problem.answer(e);
        } catch (StoreUnavailableException e) {
            LOG.warnf("a link cannot be followed: %s", e.getMessage());
            answer = Problem.answer(new RefusedException(RefusedException.Reason.STORE_UNAVAILABLE));
        }
        return addSecurityHeaders(answer).build();
    }

    private Response.ResponseBuilder content(RoutingContext routing, LinkToken link, StoredFile file, ByteRange range)
            throws RefusedException, StoreUnavailableException {
        ContentHeaders headers = ContentHeaders.inline(link.name());
        return switch (range) {
            case ByteRange.Whole(long length) when length == 0 -> described(Response.ok(new byte[0]), link, headers);
            case ByteRange.Whole(long length) ->
                described(Response.ok(open(routing, link, file, 0, length)), link, headers)
                        .header(HttpHeaders.CONTENT_LENGTH, length);
            case ByteRange.Part part ->
                described(
                                Response.status(Response.Status.PARTIAL_CONTENT)
                                        .entity(open(routing, link, file, part.first(), part.end())),
                                link,
                                headers)
                        .header(HttpHeaders.CONTENT_LENGTH, part.end() - part.first())
                        .header("Content-Range", part.contentRange());
            case ByteRange.Unsatisfiable unsatisfiable ->
                Problem.answer(new RefusedException(RefusedException.Reason.RANGE_NOT_SATISFIABLE))
                        .header("Content-Range", unsatisfiable.contentRange());
        };
    }

    /** The reader may be gone before the first byte is written: then the body is never sent. */
    private RangeBody open(RoutingContext routing, LinkToken link, StoredFile file, long first, long end)
            throws RefusedException, StoreUnavailableException {
        RangeBody body = new RangeBody(routing.request(), place(link), limits, reader, file, first, end);
        routing.addEndHandler(ended -> body.abandon());
        return body;
    }

    private OpenStream place(LinkToken link) throws RefusedException {
        try {
            return streams.open(link);
        } catch (NoPlaceException e) {
            throw new RefusedException(RefusedException.Reason.BUSY, e.getMessage() + " Try again later.");
        }
    }

    private static Response.ResponseBuilder described(
            Response.ResponseBuilder answer, LinkToken link, ContentHeaders headers) {
        return answer.tag(tag(link))
                .type(headers.mediaType())
                .header(HttpHeaders.CONTENT_DISPOSITION, headers.disposition())
                .header("Accept-Ranges", "bytes");
    }

    static Response.ResponseBuilder addSecurityHeaders(Response.ResponseBuilder answer) {
        SECURITY_HEADERS.forEach(answer::header);
        return answer;
    }

    /** A generation's file never changes, so its identity is its strong validator: hashed, because readers must not see it. */
    private static EntityTag tag(LinkToken link) {
        String identity = link.torrent() + "/" + link.generation() + "/" + link.file();
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(identity.getBytes(StandardCharsets.US_ASCII));
            return new EntityTag(Base64.getUrlEncoder().encodeToString(Arrays.copyOf(hash, TAG_BYTES)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK has no SHA-256", e);
        }
    }

    /**
     * Returns where the store itself serves {@code file} until the link expires: if one object is the whole file, and a redirect
     * may last so long.
     */
    private Optional<URI> redirect(LinkToken link, StoredFile file) throws RefusedException, StoreUnavailableException {
        // Not longer than the whole life of the link, even if this clock is wrong.
        Duration remaining = shorter(
                Duration.between(clock.instant(), link.expires()), Duration.between(link.issued(), link.expires()));
        if (link.flags().contains(LinkToken.Flag.NO_REDIRECT) || remaining.compareTo(redirectLifetime) > 0) {
            return Optional.empty();
        }
        Duration lifetime = shorter(remaining.plusSeconds(1), LinkToken.MAX_LIFETIME); // signatures count whole seconds
        ContentHeaders headers = ContentHeaders.attachment(link.name());
        Optional<String> object = reader.ownObject(file);
        if (object.isEmpty()) {
            return Optional.empty();
        }
        Map<String, String> responseHeaders = Map.of(
                "response-content-disposition", headers.disposition(), "response-content-type", headers.mediaType());
        return Optional.of(store.presignGet(object.get(), lifetime, responseHeaders));
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
