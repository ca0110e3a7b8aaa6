package io.shoal.intake.api;

import io.shoal.intake.access.Credential;
import io.shoal.intake.tenants.ApiSession;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.tenants.Sessions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/**
 * Sessions of API keys. Every key may make, see and end its own, whatever its scopes, because a session can do no more than its
 * key; a key with the scope {@code admin} sees and ends those of all keys of its tenant.
 */
@Path("/v1/sessions")
@ForTenant
@ForAppKeys
@RequiresScope({})
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class SessionsResource {
    private final Caller caller;
    private final Sessions sessions;

    SessionsResource(Caller caller, Sessions sessions) {
        this.caller = caller;
        this.sessions = sessions;
    }

    @Schema(description = "A new session; its token is shown only once")
    record CreatedSession(
            UUID id,

            @Schema(description = "Is sent like a key: Authorization: Bearer TOKEN")
            String token,

            UUID keyId,

            @Schema(description = "Some of read, write, admin")
            List<String> scopes,

            @Schema(nullable = true, description = "The label of its key, if that is an app key") @Nullable
            String label,

            Instant createdAt,

            @Schema(description = "When the session ends if it is not used; later with each use, for 30 days at most")
            Instant expiresAt) {}

    @Schema(name = "Session")
    record SessionView(
            UUID id,
            UUID keyId,

            @Schema(description = "Whether the request was sent with this session")
            boolean current,

            Instant createdAt,

            @Schema(description = "To the minute") Instant lastUsedAt,

            @Schema(description = "When the session ends if it is not used again")
            Instant expiresAt) {}

    record SessionPage(
            List<SessionView> items,

            @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
            String next) {}

    @POST
    @Operation(
            operationId = "createSession",
            summary = "Begin a session of the key that is sent",
            description =
                    "The session has the scopes of the key, counts towards its request limit and ends with it, after 12 hours"
                            + " without a request, and after 30 days. If the key has too many sessions, the one that was used"
                            + " longest ago ends. A session cannot begin another one")
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CreatedSession.class)))
    public Response create() {
        Credential key = caller.key();
        if (key.session() != null) {
            throw ProblemException.of(ProblemKind.FORBIDDEN, "A session cannot begin another one: send the key");
        }
        Sessions.NewSession made = sessions.create(key.tenant(), key.key())
                .orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED));
        ApiSession session = made.session();
        return Response.created(URI.create("/v1/sessions/" + session.id()))
                .entity(new CreatedSession(
                        session.id(),
                        made.token().text(),
                        session.key(),
                        made.key().scopes().codes(),
                        made.key().label(),
                        session.createdAt(),
                        session.expiresAt()))
                .build();
    }

    @GET
    @Operation(
            operationId = "listSessions",
            summary = "List the sessions of the key, newest first; with the scope admin those of all keys")
    public SessionPage list(
            @QueryParam("cursor") @Nullable String cursor,
            @QueryParam("limit") @DefaultValue(Paging.DEFAULT_LIMIT) @Schema(type = SchemaType.INTEGER) String limit) {
        int size = Paging.limit(limit, Paging.MAX_LIMIT);
        Paging.Mark mark = Paging.Mark.parse(cursor);
        Credential key = caller.key();
        List<ApiSession> found = sessions.page(
                key.tenant(),
                visibleKey(),
                mark == null ? null : new Sessions.Position(mark.createdAt(), mark.id()),
                size + 1);
        return new SessionPage(
                found.stream()
                        .limit(size)
                        .map(session -> new SessionView(
                                session.id(),
                                session.key(),
                                session.id().equals(key.session()),
                                session.createdAt(),
                                session.lastUsedAt(),
                                session.expiresAt()))
                        .toList(),
                Paging.next(found, size, session -> new Paging.Mark(session.createdAt(), session.id())));
    }

    @DELETE
    @Path("current")
    @Operation(operationId = "endCurrentSession", summary = "End the session that is sent")
    @APIResponse(responseCode = "204", description = "Ended")
    public Response endCurrent() {
        UUID session = caller.key().session();
        if (session == null) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return end(session);
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "endSession",
            summary = "End a session of the key; with the scope admin a session of any key")
    @APIResponse(responseCode = "204", description = "Ended")
    public Response end(@PathParam("id") String id) {
        return end(Ids.parse(id));
    }

    private Response end(UUID session) {
        if (!sessions.end(caller.tenant(), visibleKey(), session)) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }

    /** Returns the key whose sessions the caller may see; null: those of all keys of its tenant. */
    private @Nullable UUID visibleKey() {
        return caller.key().has(Scope.ADMIN) ? null : caller.key().key();
    }
}
