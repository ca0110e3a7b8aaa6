package io.shoal.contracts.records;

import org.jspecify.annotations.Nullable;

/**
 * {@code shoal.dead}: a record that could not be parsed, so that nothing is lost and readers go on.
 *
 * @param v version of this record: 1
 * @param topic where it was read
 * @param partition where it was read
 * @param offset where it was read
 * @param reason why it could not be parsed
 * @param key its key as text, cut to 200 characters
 * @param value its bytes, cut to {@link #VALUE_BYTES}; in JSON base64
 */
@SuppressWarnings("ArrayRecordComponent") // carried, never compared
public record DeadRecord(
        int v,
        String topic,
        int partition,
        long offset,
        String reason,
        @Nullable String key,
        byte @Nullable [] value) {

    /** As many bytes of the value as fit into a record of ours in base64. */
    public static final int VALUE_BYTES = 256 << 10;

    private static final int KEY_CHARS = 200;

    public DeadRecord {
        key = key == null || key.length() <= KEY_CHARS ? key : key.substring(0, KEY_CHARS);
        value = value == null || value.length <= VALUE_BYTES ? value : java.util.Arrays.copyOf(value, VALUE_BYTES);
    }
}
