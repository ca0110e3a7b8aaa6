package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.intake.planning.Change;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.wishes.Selection;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads changes of transfers: an absent field changes nothing, null withdraws a wish. */
final class ChangeBodies {
    private static final Set<String> FIELDS = Set.of("wanted", "paused", "ratio", "labels", "category", "displayName");

    private ChangeBodies() {}

    /** The changes in a JSON object. */
    static Change read(JsonNode body) {
        if (!body.isObject()) {
            throw TransferFields.invalid("body", "must be an object");
        }
        for (Iterator<String> names = body.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!FIELDS.contains(name)) {
                throw TransferFields.invalid(Texts.shown(name), "is not known here");
            }
        }
        JsonNode paused = body.get("paused");
        if (paused != null && !paused.isBoolean()) {
            throw TransferFields.invalid("paused", "must be true or false");
        }
        return new Change(
                wanted(body.get("wanted")),
                paused == null ? null : paused.booleanValue(),
                goal(body.get("ratio")),
                new Change.Filing(
                        labels(body.get("labels")),
                        name("category", body.get("category")),
                        name("displayName", body.get("displayName"))));
    }

    private static @Nullable Selection wanted(@Nullable JsonNode wanted) {
        if (wanted == null) {
            return null;
        }
        if (wanted.isNull()) {
            return Selection.ALL;
        }
        if (!wanted.isArray()) {
            throw TransferFields.noSelection();
        }
        List<Integer> files = new ArrayList<>();
        for (JsonNode file : wanted) {
            if (!file.isInt()) {
                throw TransferFields.noSelection();
            }
            files.add(file.intValue());
        }
        return TransferFields.selection(files);
    }

    private static Change.@Nullable Goal goal(@Nullable JsonNode ratio) {
        if (ratio == null) {
            return null;
        }
        if (!ratio.isNull() && !ratio.isNumber()) {
            throw TransferFields.noRatio();
        }
        return new Change.Goal(ratio.isNull() ? null : TransferFields.ratio(ratio.doubleValue()));
    }

    private static @Nullable Labels labels(@Nullable JsonNode labels) {
        if (labels == null) {
            return null;
        }
        if (labels.isNull()) {
            return Labels.NONE;
        }
        if (!labels.isArray()) {
            throw TransferFields.invalid("labels", Labels.RULE);
        }
        List<@Nullable String> texts = new ArrayList<>();
        for (JsonNode label : labels) {
            texts.add(text("labels", label));
        }
        return TransferFields.labels(texts);
    }

    private static Change.@Nullable Name name(String field, @Nullable JsonNode name) {
        if (name == null) {
            return null;
        }
        return new Change.Name(name.isNull() ? null : Names.read(field, text(field, name)));
    }

    private static String text(String field, JsonNode node) {
        String text = node.isTextual() ? node.textValue() : null;
        if (text == null) {
            throw TransferFields.invalid(field, "must be text");
        }
        if (!Texts.isStorable(text)) {
            throw TransferFields.invalid(field, Texts.RULE);
        }
        return text;
    }
}
