package io.shoal.intake.api;

import io.shoal.intake.transfers.ListFilter;
import io.shoal.intake.transfers.ListOrder;
import io.shoal.intake.transfers.VisibleLibrary;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The cursors of one list of transfers: each has the values that place the last transfer of a page, so a transfer that moves in the
 * list, or leaves it, does not disturb the next page. A cursor is good only for the library, the filter and the order that it came
 * from.
 */
final class ListCursor {
    private static final int DIGEST_BYTES = 8;

    private final ListOrder order;
    private final String list;

    ListCursor(VisibleLibrary library, ListFilter filter, ListOrder order) {
        this.order = order;
        this.list = digest(library + "\n" + filter + "\n" + order);
    }

    String of(ListOrder.Position position) {
        return Paging.encode(list + "\n" + position.id() + "\n" + position.value());
    }

    /** Returns the position that {@code cursor} stands for; null without one. */
    ListOrder.@Nullable Position parse(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        String[] parts = Paging.decode(cursor).split("\n", 3);
        if (parts.length != 3 || !parts[0].equals(list)) {
            throw Paging.badCursor();
        }
        return order.position(parts[2], parts[1]).orElseThrow(Paging::badCursor);
    }

    private static String digest(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(Arrays.copyOf(digest, DIGEST_BYTES));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
