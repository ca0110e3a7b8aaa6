package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.intake.categories.Categories;
import io.shoal.intake.categories.Category;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PATCH;
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
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The categories under which a tenant files its transfers. */
@Path("/v1/categories")
@ForTenant
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class CategoriesResource {
    private static final int BODY_BYTES = 64 << 10;
    private static final int PATH_CHARS = 1_000;

    /** Batches of transfers that a deletion releases before it answers; the rest is released within seconds. */
    private static final int BATCHES = 10;

    private final Caller caller;
    private final Categories categories;
    private final RequestBodies bodies;

    CategoriesResource(Caller caller, Categories categories, RequestBodies bodies) {
        this.caller = caller;
        this.categories = categories;
        this.bodies = bodies;
    }

    @Schema(name = "CreateCategoryRequest")
    record CreateCategoryRequest(
            @Schema(required = true, minLength = 1, maxLength = Names.CHARS) @Nullable
            String name,

            @Schema(
                    minLength = 1,
                    maxLength = PATH_CHARS,
                    description =
                            "The folder that clients are shown for its transfers. The platform stores nothing there")
            @Nullable
            String savePath) {}

    /** For the documentation only: an absent field must be distinguished from null. */
    @Schema(name = "CategoryChange", description = "What is not there stays as it is")
    record ChangeBody(
            @Schema(minLength = 1, maxLength = Names.CHARS) @Nullable
            String name,

            @Schema(nullable = true, minLength = 1, maxLength = PATH_CHARS) @Nullable
            String savePath) {}

    @Schema(name = "Category")
    record CategoryView(
            UUID id,
            String name,
            @Schema(nullable = true) @Nullable String savePath,
            Instant createdAt) {
        static CategoryView of(Category category) {
            return new CategoryView(category.id(), category.name(), category.savePath(), category.createdAt());
        }
    }

    record CategoryList(List<CategoryView> items) {}

    @POST
    @ForAppKeys
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(operationId = "createCategory", summary = "Create a category")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = CreateCategoryRequest.class)))
    @APIResponse(
            responseCode = "201",
            description = "Created",
            content = @Content(schema = @Schema(implementation = CategoryView.class)))
    public Response create(InputStream body, @Context HttpHeaders headers) {
        CreateCategoryRequest asked =
                bodies.read(body, headers, BODY_BYTES, bytes -> bodies.json(bytes, CreateCategoryRequest.class));
        String name = Names.read(asked.name);
        String savePath = asked.savePath == null ? null : path(asked.savePath);
        CategoryView made = CategoryView.of(categories
                .create(caller.tenant(), name, savePath)
                .orElseThrow(() -> ProblemException.of(ProblemKind.TOO_MANY_CATEGORIES)));
        return Response.created(URI.create("/v1/categories/" + made.id))
                .entity(made)
                .build();
    }

    @GET
    @ForAppKeys
    @Operation(operationId = "listCategories", summary = "List the categories by name")
    public CategoryList list() {
        return new CategoryList(
                categories.of(caller.tenant()).stream().map(CategoryView::of).toList());
    }

    @GET
    @ForAppKeys
    @Path("{id}")
    @Operation(operationId = "getCategory", summary = "Look at a category")
    public CategoryView get(@PathParam("id") String id) {
        return CategoryView.of(
                categories.find(caller.tenant(), Ids.parse(id)).orElseThrow(CategoriesResource::notFound));
    }

    @PATCH
    @Path("{id}")
    @Consumes(MediaType.APPLICATION_JSON)
    @Operation(
            operationId = "changeCategory",
            summary = "Rename a category, or change its path",
            description = "Its transfers stay in it")
    @RequestBody(required = true, content = @Content(schema = @Schema(implementation = ChangeBody.class)))
    @APIResponse(
            responseCode = "200",
            description = "Changed",
            content = @Content(schema = @Schema(implementation = CategoryView.class)))
    public CategoryView change(@PathParam("id") String text, InputStream body, @Context HttpHeaders headers) {
        UUID id = Ids.parse(text);
        Categories.Change change =
                bodies.read(body, headers, BODY_BYTES, bytes -> change(bodies.json(bytes, JsonNode.class)));
        return CategoryView.of(
                categories.change(caller.tenant(), id, change).orElseThrow(CategoriesResource::notFound));
    }

    @DELETE
    @Path("{id}")
    @Operation(
            operationId = "deleteCategory",
            summary = "Delete a category",
            description =
                    "Its transfers stay, without a category. All of them show none at once; a filter for transfers without"
                            + " a category may miss those beyond the first 10,000 for some seconds")
    @APIResponse(responseCode = "204", description = "Deleted")
    public Response delete(@PathParam("id") String text) {
        UUID id = Ids.parse(text);
        if (!categories.delete(caller.tenant(), id)) {
            throw notFound();
        }
        boolean more = true;
        for (int i = 0; more && i < BATCHES; i++) {
            more = categories.releaseSome(id);
        }
        return Response.noContent().build();
    }

    private static Categories.Change change(JsonNode body) {
        if (!body.isObject()) {
            throw TransferFields.invalid("body", "must be an object");
        }
        for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!Set.of("name", "savePath").contains(name)) {
                throw TransferFields.invalid(Texts.shown(name), "is not known here");
            }
        }
        JsonNode name = body.get("name");
        JsonNode path = body.get("savePath");
        return new Categories.Change(
                name == null ? null : Names.read(name.textValue()),
                path == null ? null : new Categories.SavePath(path.isNull() ? null : path(path.textValue())));
    }

    private static String path(@Nullable String text) {
        String path = text == null ? "" : text.strip();
        if (path.isEmpty()
                || path.length() > PATH_CHARS
                || path.chars().anyMatch(Character::isISOControl)
                || !Texts.isStorable(path)) {
            throw TransferFields.invalid(
                    "savePath", "must be 1 to " + PATH_CHARS + " characters long, without control characters");
        }
        return path;
    }

    private static ProblemException notFound() {
        return ProblemException.of(ProblemKind.NOT_FOUND);
    }
}
