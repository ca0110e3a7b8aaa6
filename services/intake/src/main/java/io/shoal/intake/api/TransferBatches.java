package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.intake.categories.NoSuchCategoryException;
import io.shoal.intake.planning.Change;
import io.shoal.intake.planning.Changes;
import io.shoal.intake.planning.DeniedException;
import io.shoal.intake.planning.Library;
import io.shoal.intake.planning.TransferActions;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.transfers.TooManyLabelsException;
import io.shoal.intake.transfers.VisibleLibrary;
import io.shoal.intake.wishes.Selection;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Changes and removes many transfers of a library. Each is done in transactions of its own, so none of them is long, and a refusal of one keeps
 * no other from being done. When the database or the store goes away, the request fails between two of them: to send it again is safe,
 * because what was done stays done and is done again without an effect.
 */
@ApplicationScoped
class TransferBatches {
    /** Transfers of one request. */
    static final int MOST = 1_000;

    private final Changes changes;
    private final Library library;
    private final TransferActions actions;

    TransferBatches(Changes changes, Library library, TransferActions actions) {
        this.changes = changes;
        this.library = library;
        this.actions = actions;
    }

    @Schema(name = "RemoveTransfersRequest")
    record RemoveBody(
            @Schema(required = true, minItems = 1, maxItems = MOST) @Nullable
            List<@Nullable String> ids) {}

    /** For the documentation only. */
    @Schema(name = "ChangeTransfersRequest")
    record ChangeBody(
            @Schema(required = true, minItems = 1, maxItems = MOST) @Nullable
            List<@Nullable String> ids,

            @Schema(required = true) TransfersResource.@Nullable ChangeBody change) {}

    @Schema(name = "TransferResult")
    record Result(
            @Schema(description = "As the request has it") String id,

            boolean done,

            @Schema(nullable = true, description = "Why it was not done: the code of a problem") @Nullable
            String code,

            @Schema(nullable = true, description = "The same for people") @Nullable
            String detail) {
        static Result done(String id) {
            return new Result(id, true, null, null);
        }

        static Result refused(String id, ProblemException refusal) {
            return new Result(id, false, refusal.kind().code(), refusal.getMessage());
        }
    }

    @Schema(name = "TransferResults")
    record Results(
            @Schema(description = "One for each id, in the order of the request; one for ids that are equal")
            List<Result> results) {}

    /** What is to be done to many transfers. */
    record ChangeOfMany(Set<String> ids, Change change) {
        static ChangeOfMany read(JsonNode body) {
            if (!body.isObject() || !body.has("ids") || !body.has("change") || body.size() != 2) {
                throw TransferFields.invalid("body", "must be an object of ids and change");
            }
            List<@Nullable String> ids = new ArrayList<>();
            if (!body.get("ids").isArray()) {
                throw noIds();
            }
            body.get("ids").forEach(id -> ids.add(id.textValue()));
            return new ChangeOfMany(checked(ids), ChangeBodies.read(body.get("change")));
        }
    }

    /** Returns the ids, each once. */
    static Set<String> checked(@Nullable List<@Nullable String> ids) {
        if (ids == null || ids.isEmpty() || ids.size() > MOST) {
            throw noIds();
        }
        Set<String> distinct = new LinkedHashSet<>();
        for (String id : ids) {
            if (id == null) {
                throw noIds();
            }
            distinct.add(Texts.shown(id));
        }
        return distinct;
    }

    private static ProblemException noIds() {
        return TransferFields.invalid("ids", "must be a list of 1 to " + MOST + " ids of transfers");
    }

    /** Something that is done to one transfer. */
    @FunctionalInterface
    private interface Step {
        void of(UUID transfer) throws StoreUnavailableException;
    }

    Results change(VisibleLibrary visible, ChangeOfMany many) throws StoreUnavailableException {
        return each(many.ids, id -> refuse(changes.change(visible, id, many.change)));
    }

    /** Throws the problem of a change that was refused. */
    static void refuse(Changes.Changed changed) {
        switch (changed) {
            case NO_TRANSFER -> throw ProblemException.of(ProblemKind.NOT_FOUND);
            case NO_SUCH_FILE -> throw TransferFields.noSuchFile(Selection.Part.WANTED);
            case NO_SUCH_FILE_PRIORITISED -> throw TransferFields.noSuchFile(Selection.Part.PRIORITIES);
            case NOTHING_WANTED -> throw TransferFields.nothingWanted();
            case DONE -> {}
        }
    }

    Results verify(VisibleLibrary visible, Set<String> ids) throws StoreUnavailableException {
        return each(ids, id -> refuse(actions.verify(visible, id)));
    }

    Results reannounce(VisibleLibrary visible, Set<String> ids) throws StoreUnavailableException {
        return each(ids, id -> refuse(actions.reannounce(visible, id)));
    }

    /** Throws the problem of an action that was refused. */
    static void refuse(TransferActions.Outcome outcome) {
        switch (outcome) {
            case NO_TRANSFER -> throw ProblemException.of(ProblemKind.NOT_FOUND);
            case NO_METADATA -> throw ProblemException.of(ProblemKind.METADATA_PENDING);
            case DENIED -> throw ProblemException.of(ProblemKind.DENIED);
            case PRIVATE -> throw ProblemException.of(ProblemKind.PRIVATE_TORRENT);
            case TOO_LONG -> throw TransferFields.tooManySources();
            case DONE -> {}
        }
    }

    Results remove(VisibleLibrary visible, Set<String> ids) throws StoreUnavailableException {
        return each(ids, id -> {
            if (!library.remove(visible, id)) {
                throw ProblemException.of(ProblemKind.NOT_FOUND);
            }
        });
    }

    private static Results each(Set<String> ids, Step step) throws StoreUnavailableException {
        List<Result> results = new ArrayList<>();
        for (String id : ids) {
            results.add(one(id, step));
        }
        return new Results(results);
    }

    private static Result one(String id, Step step) throws StoreUnavailableException {
        try {
            step.of(Ids.parse(id));
            return Result.done(id);
        } catch (ProblemException refusal) {
            return Result.refused(id, refusal);
        } catch (RuntimeException e) {
            return Result.refused(id, refusal(e).orElseThrow(() -> e));
        }
    }

    /** Returns the refusal of one transfer; empty if all others would fail too. */
    private static Optional<ProblemException> refusal(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DeniedException) {
                return Optional.of(ProblemException.of(ProblemKind.DENIED));
            }
            if (cause instanceof QuotaExceededException) {
                return Optional.of(ProblemException.of(ProblemKind.QUOTA_EXCEEDED));
            }
            if (cause instanceof TooManyLabelsException) {
                return Optional.of(TransferFields.tooManyLabels());
            }
            if (cause instanceof NoSuchCategoryException) {
                return Optional.of(ProblemException.invalid(
                        ProblemKind.INVALID_FIELD, "category", "must be the name of one of the tenant's categories"));
            }
        }
        return Optional.empty();
    }
}
