package io.shoal.storage.jobs;

/** The kinds of work on a torrent's stored content. */
public enum JobKind {
    /** Find large files that are complete. */
    PLAN(1),
    /** Make one object of a complete large file. */
    ASSEMBLE(1),
    /** Delete the segments of an assembled file. */
    CLEAN_UP(1),
    /** Delete a dead generation and all generations before it. */
    PURGE(0);

    private final int priority;

    JobKind(int priority) {
        this.priority = priority;
    }

    /** Returns the place of these jobs among due ones: those of a lower number are taken first. */
    int priority() {
        return priority;
    }
}
