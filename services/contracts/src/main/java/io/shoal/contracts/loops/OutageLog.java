package io.shoal.contracts.loops;

import org.slf4j.Logger;

/**
 * Logs that something which a loop needs is away: the first failure with its cause, then that it is back. The attempts in between
 * are at debug level, so that an outage of hours is two lines. Used by one thread.
 */
public final class OutageLog {
    private final Logger log;
    private final String what;
    private int failures;

    /**
     * @param what the thing that may be away, as the subject of a sentence
     */
    public OutageLog(Logger log, String what) {
        this.log = log;
        this.what = what;
    }

    /** An attempt failed. */
    public void failed(Throwable cause) {
        failures++;
        if (failures == 1) {
            log.warn("{}: not available, trying again", what, cause);
        } else {
            log.debug("{}: not available, attempt {}", what, failures, cause);
        }
    }

    /** An attempt succeeded. */
    public void succeeded() {
        if (failures > 0) {
            log.info("{}: available again after {} failed attempts", what, failures);
            failures = 0;
        }
    }
}
