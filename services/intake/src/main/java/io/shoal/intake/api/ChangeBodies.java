package io.shoal.intake.api;

import com.fasterxml.jackson.databind.JsonNode;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.planning.Change;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.wishes.Selection;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads changes of transfers: an absent field changes nothing, null withdraws a wish. */
final class ChangeBodies {
    private static final Set<String> FIELDS = Set.of(
            "wanted",
            "priorities",
            "paused",
            "ratio",
            "seedingTime",
            "idleTime",
            "labels",
            "category",
            "displayName",
            "force",
            "downRate",
            "upRate");

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
        return new Change(
                selection(body.get("wanted"), body.get("priorities")),
                flag("paused", body.get("paused")),
                new Change.Seeding(
                        ratio(body.get("ratio")),
                        time("seedingTime", body.get("seedingTime"), 0),
                        time("idleTime", body.get("idleTime"), TransferFields.IDLE_SECONDS_MIN)),
                new Change.Filing(
                        labels(body.get("labels")),
                        name("category", body.get("category")),
                        name("displayName", body.get("displayName"))),
                new Change.Running(
                        flag("force", body.get("force")),
                        rate("downRate", body.get("downRate")),
                        rate("upRate", body.get("upRate"))));
    }

    private static @Nullable Boolean flag(String field, @Nullable JsonNode flag) {
        if (flag != null && !flag.isBoolean()) {
            throw TransferFields.invalid(field, "must be true or false");
        }
        return flag == null ? null : flag.booleanValue();
    }

    private static @Nullable Long rate(String field, @Nullable JsonNode rate) {
        if (rate == null) {
            return null;
        }
        if (!rate.isNull() && !(rate.isIntegralNumber() && rate.canConvertToLong())) {
            throw TransferFields.noRate(field);
        }
        return TransferFields.rate(field, rate.isNull() ? null : rate.longValue());
    }

    private static @Nullable Selection selection(@Nullable JsonNode wanted, @Nullable JsonNode priorities) {
        if (priorities == null) {
            return wanted == null ? null : wanted(wanted);
        }
        Map<Priority, List<@Nullable Integer>> lists = new EnumMap<>(Priority.class);
        if (!priorities.isObject()) {
            throw TransferFields.noPriorities();
        }
        priorities.properties().forEach(entry -> {
            Priority priority = Arrays.stream(Priority.values())
                    .filter(known -> TransferView.code(known).equals(entry.getKey()))
                    .findFirst()
                    .orElseThrow(TransferFields::noPriorities);
            lists.put(priority, files(entry.getValue(), TransferFields::noPriorities));
        });
        return TransferFields.prioritised(wanted == null ? Selection.SAME : wanted(wanted), lists);
    }

    private static Selection wanted(JsonNode wanted) {
        return wanted.isNull() ? Selection.ALL : TransferFields.selection(files(wanted, TransferFields::noSelection));
    }

    private static List<@Nullable Integer> files(JsonNode list, Supplier<ProblemException> refusal) {
        if (!list.isArray()) {
            throw refusal.get();
        }
        List<@Nullable Integer> files = new ArrayList<>();
        for (JsonNode file : list) {
            if (!file.isInt()) {
                throw refusal.get();
            }
            files.add(file.intValue());
        }
        return files;
    }

    private static Change.@Nullable Ratio ratio(@Nullable JsonNode ratio) {
        if (ratio == null) {
            return null;
        }
        if (!ratio.isNull() && !ratio.isNumber()) {
            throw TransferFields.noRatio();
        }
        return new Change.Ratio(ratio.isNull() ? null : TransferFields.ratio(ratio.doubleValue()));
    }

    private static Change.@Nullable Time time(String field, @Nullable JsonNode seconds, long least) {
        if (seconds == null) {
            return null;
        }
        if (!seconds.isNull() && !(seconds.isIntegralNumber() && seconds.canConvertToLong())) {
            throw TransferFields.noSeconds(field, least);
        }
        return new Change.Time(seconds.isNull() ? null : TransferFields.seconds(field, seconds.longValue(), least));
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
