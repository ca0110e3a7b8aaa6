package io.shoal.contracts.http;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Limits of the head of an HTTP request. A service checks them itself, below the limits of its HTTP server, which would refuse a
 * head without a body.
 *
 * @param targetBytes the longest path and query
 * @param fieldBytes the most bytes of all header fields
 */
public record HeadLimits(int targetBytes, int fieldBytes) {
    private static final String HOST = "host";

    /** The colon, the space and the end of a line. */
    private static final int AROUND_FIELD = 4;

    /** What is wrong with a head. */
    public enum Fault {
        TARGET_TOO_LONG,
        FIELDS_TOO_LARGE,
        /** More than one Host field (RFC 9112, section 3.2): a proxy and this service might read different ones. */
        SEVERAL_HOSTS
    }

    /**
     * Returns what is wrong with a head; null if nothing is.
     *
     * @param target as it was received, one character a byte
     * @param fields as they were received, a name that appears twice as two
     */
    public @Nullable Fault check(String target, Iterable<Map.Entry<String, String>> fields) {
        if (target.length() > targetBytes) {
            return Fault.TARGET_TOO_LONG;
        }
        long bytes = 0;
        int hosts = 0;
        for (Map.Entry<String, String> field : fields) {
            bytes += field.getKey().length() + field.getValue().length() + AROUND_FIELD;
            hosts += field.getKey().equalsIgnoreCase(HOST) ? 1 : 0;
        }
        if (bytes > fieldBytes) {
            return Fault.FIELDS_TOO_LARGE;
        }
        return hosts > 1 ? Fault.SEVERAL_HOSTS : null;
    }
}
