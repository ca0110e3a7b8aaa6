package io.shoal.intake.api;

import io.shoal.intake.admission.Passkey;
import io.shoal.intake.admission.Passkeys;
import io.shoal.intake.wishes.OurTrackers;
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
import java.time.Instant;
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

/** A tenant's passkeys: one for each user of its private torrents. */
@Path("/v1/passkeys")
@ForTenant
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class PasskeysResource {
    private static final int BODY_BYTES = 64 << 10;

    private final Caller caller;
    private final Passkeys passkeys;
    private final OurTrackers trackers;
    private final RequestBodies bodies;

    PasskeysResource(Caller caller, Passkeys passkeys, OurTrackers trackers, RequestBodies bodies) {
        this.caller = caller;
        this.passkeys = passkeys;
        this.trackers = trackers;
        this.bodies = bodies;
    }

    record CreatePasskeyRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name) {}

    @Schema(description = "A new passkey; it and the announce URLs that contain it are shown only once")
    record CreatedPasskey(UUID id, String name, String passkey, List<String> announce, Instant createdAt) {}

    record PasskeyView(UUID id, String name, Instant createdAt) {}

    record PasskeyList(List<PasskeyView> items) {}

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "createPasskey",
            summary = "Create a passkey, with which a user announces private torrents")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreatePasskeyRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CreatedPasskey.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreatePasskeyRequest wish =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreatePasskeyRequest.class));
        String name = Names.read(wish.name);
        Passkeys.Made made = passkeys.make(caller.tenant(), name)
                .orElseThrow(() -> ProblemException.of(ProblemKind.TOO_MANY_PASSKEYS));
        Passkey passkey = made.passkey();
        return Response.created(URI.create("/v1/passkeys/" + passkey.id()))
                .entity(new CreatedPasskey(
                        passkey.id(),
                        passkey.name(),
                        made.text(),
                        trackers.announceUrls(made.text()),
                        passkey.createdAt()))
                .build();
    }

    @GET
    @Operation(operationId = "listPasskeys", summary = "List the passkeys that are not revoked, oldest first")
    public PasskeyList list() {
        return new PasskeyList(passkeys.of(caller.tenant()).stream()
                .map(passkey -> new PasskeyView(passkey.id(), passkey.name(), passkey.createdAt()))
                .toList());
    }

    @DELETE
    @Path("{id}")
    @Operation(operationId = "revokePasskey", summary = "Revoke a passkey")
    @APIResponse(responseCode = "204", description = "Revoked")
    public Response revoke(@PathParam("id") String id) {
        if (!passkeys.revoke(caller.tenant(), Ids.require("id", id))) {
            throw ProblemException.of(ProblemKind.NOT_FOUND);
        }
        return Response.noContent().build();
    }
}
