package io.shoal.intake.api;

import io.shoal.contracts.links.SealingKeys;
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
 * from, and its text tells nothing but how long a name in it is.
 */
final class ListCursor {
    private static final int DIGEST_BYTES = 8;

    /** Texts have at least so many characters, so that the length does not tell how large a number is. */
    private static final int LEAST_CHARS = 96;

    private final SealingKeys keys;
    private final ListOrder order;
    private final String list;

    ListCursor(SealingKeys keys, VisibleLibrary library, ListFilter filter, ListOrder order) {
        this.keys = keys;
        this.order = order;
        this.list = digest(library + "\n" + filter + "\n" + order);
    }

    String of(ListOrder.Position position) {
        String text = list + "\n" + position.id() + "\n" + position.value() + "\n";
        byte[] fields = (text + " ".repeat(Math.max(0, LEAST_CHARS - text.length()))).getBytes(StandardCharsets.UTF_8);
        return keys.seal(SealingKeys.CURSOR, fields);
    }

    /** Returns the position that {@code cursor} stands for; null without one. */
    ListOrder.@Nullable Position parse(@Nullable String cursor) {
        if (cursor == null) {
            return null;
        }
        String[] parts = keys.open(SealingKeys.CURSOR, cursor)
                .map(fields -> StandardCharsets.UTF_8.decode(fields).toString())
                .orElseThrow(Paging::badCursor)
                .split("\n", 4);
        if (parts.length != 4 || !parts[0].equals(list)) {
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
