package io.shoal.bittorrent.announce;

import org.jspecify.annotations.Nullable;

/** A reply that is not a success: the tracker refuses, or the reply cannot be parsed. */
public final class AnnounceException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Characters that are kept of a tracker's reason. */
    public static final int REASON_MAX = 200;

    /** {@link #retrySeconds} when the tracker said that announcing again is of no use (BEP 31). */
    public static final int NEVER = Integer.MAX_VALUE;

    private final boolean refused;
    private final int retrySeconds;

    private AnnounceException(String message, boolean refused, int retrySeconds) {
        super(message);
        this.refused = refused;
        this.retrySeconds = retrySeconds;
    }

    /** The tracker gave this reason, which is cleaned. */
    static AnnounceException refused(String reason, int retrySeconds) {
        return new AnnounceException(clean(reason), true, retrySeconds);
    }

    /** The reply breaks this rule. */
    static AnnounceException malformed(String rule) {
        return new AnnounceException(rule, false, 0);
    }

    /** Whether the tracker refused, and the message is its reason; otherwise the reply could not be parsed. */
    public boolean isRefused() {
        return refused;
    }

    /** The least number of seconds to wait before the next announce (BEP 31); 0 if it does not say, {@link #NEVER}. */
    public int retrySeconds() {
        return retrySeconds;
    }

    /**
     * Cleans a text from outside so that it may be shown and logged: one line of at most {@link #REASON_MAX}
     * characters, without control and direction characters, and without anything that looks like a URL, because URLs
     * contain passkeys.
     */
    public static String clean(@Nullable String text) {
        if (text == null) {
            return "";
        }
        String head = text.length() > 4_096 ? text.substring(0, 4_096) : text;
        String cleaned = head.replaceAll("(?i)[a-z][a-z0-9+.-]*://\\S*|\\bwww\\.\\S*|\\bmagnet:\\S*", "[...]")
                .replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Co}\\p{Cn}\\p{Zl}\\p{Zp}]+", " ")
                .strip();
        return cleaned.length() <= REASON_MAX
                ? cleaned
                : cleaned.substring(
                        0, Character.isHighSurrogate(cleaned.charAt(REASON_MAX - 1)) ? REASON_MAX - 1 : REASON_MAX);
    }
}
