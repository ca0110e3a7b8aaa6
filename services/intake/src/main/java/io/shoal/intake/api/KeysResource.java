package io.shoal.intake.api;

import io.shoal.intake.access.Credential;
import io.shoal.intake.tenants.ApiKey;
import io.shoal.intake.tenants.ApiKeys;
import io.shoal.intake.tenants.ApiKeys.Creation;
import io.shoal.intake.tenants.Scope;
import io.shoal.intake.tenants.Scopes;
import io.shoal.intake.tenants.Sessions;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A tenant's API keys, for its keys with the scope {@code admin}. */
@Path("/v1/keys")
@ForTenant
@RequiresScope(Scope.ADMIN)
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class KeysResource {
    private static final int BODY_BYTES = 64 << 10;
    private static final String SCOPES_RULE = "must be one or more of read, write and admin, each once";
    private static final String EXPIRY_RULE = "must be a time in the future, such as 2030-01-31T12:00:00Z";

    private final Caller caller;
    private final ApiKeys keys;
    private final Sessions sessions;
    private final RequestBodies bodies;

    KeysResource(Caller caller, ApiKeys keys, Sessions sessions, RequestBodies bodies) {
        this.caller = caller;
        this.keys = keys;
        this.sessions = sessions;
        this.bodies = bodies;
    }

    record CreateKeyRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name,

            @Schema(
                    required = true,
                    minItems = 1,
                    maxItems = 3,
                    uniqueItems = true,
                    description = "Some of read, write, admin; none that the key of the request does not have")
            @Nullable
            List<@Nullable String> scopes,

            @Schema(
                    nullable = true,
                    description =
                            "Makes an app key: it sees and changes only transfers with this label, which all that it adds"
                                    + " get. Not with the scope admin")
            @Nullable
            String label,

            @Schema(
                    format = "date-time",
                    nullable = true,
                    description =
                            "From when on the key is refused; no later than the key of the request is, which is also the"
                                    + " default")
            @Nullable
            String expiresAt) {}

    record KeyList(List<KeyView> items) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createOwnKey", summary = "Create another key of the tenant")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreateKeyRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CreatedKey.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreateKeyRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreateKeyRequest.class));
        Creation result = create(wish);
        return switch (result) {
            case Creation.Created(ApiKeys.NewKey made) ->
                Response.created(URI.create("/v1/keys/" + made.key().id()))
                        .entity(CreatedKey.of(made))
                        .build();
            case Creation.ScopeMissing(Scope scope) -> throw ProblemException.scopeMissing(scope);
            case Creation.OutlivesMaker(Instant limit) ->
                throw ProblemException.invalid(
                        ProblemKind.INVALID_FIELD,
                        "expiresAt",
                        "must not be later than " + limit + ", when the key of the request expires");
            case Creation.TooMany() -> throw ProblemException.of(ProblemKind.TOO_MANY_KEYS);
            case Creation.MakerGone() -> throw ProblemException.of(ProblemKind.UNAUTHENTICATED);
        };
    }

    private Creation create(CreateKeyRequest wish) {
        String name = Names.read(wish.name);
        Scopes scopes = scopes(wish.scopes);
        String label = wish.label == null ? null : TransferFields.label(wish.label);
        if (label != null && scopes.has(Scope.ADMIN)) {
            throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "scopes", "must not have admin with a label");
        }
        return keys.create(caller.key().user(), name, scopes, label, expiry(wish.expiresAt));
    }

    private static Scopes scopes(@Nullable List<@Nullable String> codes) {
        List<Scope> scopes = codes == null
                ? List.of()
                : codes.stream()
                        .map(code -> Scope.ofCode(code == null ? "" : code).orElseThrow(KeysResource::badScopes))
                        .toList();
        if (scopes.isEmpty() || scopes.stream().distinct().count() != scopes.size()) {
            throw badScopes();
        }
        return Scopes.of(scopes);
    }

    private static ProblemException badScopes() {
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, "scopes", SCOPES_RULE);
    }

    private static @Nullable Instant expiry(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            Instant expiry = Instant.parse(text).truncatedTo(ChronoUnit.MICROS);
            if (expiry.isAfter(Instant.now()) && Texts.isStorable(expiry)) {
                return expiry;
            }
        } catch (DateTimeException e) {
            // refused below
        }
        throw ProblemException.invalid(ProblemKind.INVALID_FIELD, "expiresAt", EXPIRY_RULE);
    }

    @GET
    @Operation(
            operationId = "listOwnKeys",
            summary = "List the tenant's keys, oldest first",
            description = "Keys that have expired are among them until they are deleted")
    public KeyList list() {
        return new KeyList(keys.of(caller.tenant()).stream().map(KeyView::of).toList());
    }

    @GET
    @Path("self")
    @RequiresScope({})
    @ForAppKeys
    @Operation(
            operationId = "getSelf",
            summary = "Get the key that is sent, or whose session is",
            description = "Its scopes and its label say what it may do. Any key may ask this")
    public OwnKeyView self() {
        Credential sent = caller.key();
        ApiKey key = keys.find(sent.key()).orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED));
        UUID session = sent.session();
        return OwnKeyView.of(
                key,
                session == null
                        ? null
                        : sessions.find(session).orElseThrow(() -> ProblemException.of(ProblemKind.UNAUTHENTICATED)));
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "deleteOwnKey",
            summary = "Revoke a key of the tenant",
            description =
                    "Its sessions end with it. A key can revoke itself, but the last valid key with the scope admin is kept")
    @APIResponse(responseCode = "204", description = "Revoked")
    public Response delete(@PathParam("id") String id) {
        return switch (keys.revoke(caller.key().user(), Ids.parse(id))) {
            case REVOKED -> Response.noContent().build();
            case UNKNOWN -> throw ProblemException.of(ProblemKind.NOT_FOUND);
            case LAST_ADMIN -> throw ProblemException.of(ProblemKind.LAST_ADMIN_KEY);
            case REVOKER_GONE -> throw ProblemException.of(ProblemKind.UNAUTHENTICATED);
        };
    }
}
