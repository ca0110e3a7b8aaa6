package io.shoal.intake.transfers;

import org.jspecify.annotations.Nullable;

/**
 * How a tenant finds a transfer again.
 *
 * @param category the name of one of the tenant's categories; null: none
 * @param displayName what is shown in the place of the torrent's name; null: that name
 */
public record Filing(
        Labels labels, @Nullable String category, @Nullable String displayName) {
    /** Nothing but the torrent's name. */
    public static final Filing NONE = new Filing(Labels.NONE, null, null);

    Filing in(VisibleLibrary library) {
        return new Filing(library.keeping(labels), category, displayName);
    }
}
