package io.shoal.intake.api;

import io.shoal.intake.categories.Categories;
import io.shoal.intake.categories.Category;
import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.TransferState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads from a query which transfers are asked for, and in which order. Every refusal names the parameter and the rule. */
@ApplicationScoped
class ListQuery {
    private final Categories categories;

    ListQuery(Categories categories) {
        this.categories = categories;
    }

    /** Returns the filter; empty if no transfer can pass it, because the tenant has no such category. */
    Optional<ListFilter> filter(
            UUID tenant,
            List<String> states,
            @Nullable String label,
            @Nullable String category,
            @Nullable String uncategorised,
            @Nullable String text) {
        Set<TransferState> asked = EnumSet.noneOf(TransferState.class);
        states.forEach(state -> asked.add(state(state)));
        String known = label == null ? null : TransferFields.label(label);
        String part = text == null ? null : text(text);
        if (uncategorised != null) {
            if (!uncategorised.equals("true") || category != null) {
                throw TransferFields.invalid("uncategorised", "must be true, and not with a category");
            }
            return Optional.of(new ListFilter(asked, known, new ListFilter.Filed(null), part));
        }
        if (category == null) {
            return Optional.of(new ListFilter(asked, known, null, part));
        }
        return categories
                .find(tenant, TransferFields.category(category))
                .map(Category::id)
                .map(id -> new ListFilter(asked, known, new ListFilter.Filed(id), part));
    }

    /** Returns the order; newest first if none is asked for. */
    static ListOrder order(@Nullable String sort, @Nullable String direction) {
        ListOrder.Key key = sort == null ? ListOrder.Key.ADDED : key(sort);
        if (direction == null) {
            return new ListOrder(key, key == ListOrder.Key.ADDED);
        }
        return switch (direction) {
            case "asc" -> new ListOrder(key, false);
            case "desc" -> new ListOrder(key, true);
            default -> throw TransferFields.invalid("order", "must be asc or desc");
        };
    }

    private static ListOrder.Key key(String sort) {
        return Arrays.stream(ListOrder.Key.values())
                .filter(key -> key.name().toLowerCase(Locale.ROOT).equals(sort))
                .findFirst()
                .orElseThrow(() -> TransferFields.invalid(
                        "sort",
                        "must be one of "
                                + Arrays.stream(ListOrder.Key.values())
                                        .map(key -> key.name().toLowerCase(Locale.ROOT))
                                        .collect(Collectors.joining(", "))));
    }

    private static TransferState state(String text) {
        return Arrays.stream(TransferState.values())
                .filter(state -> state.name().equals(text))
                .findFirst()
                .orElseThrow(() -> TransferFields.invalid("state", "must be a state of transfers, in capital letters"));
    }

    private static String text(String text) {
        return Names.read("text", text);
    }
}
