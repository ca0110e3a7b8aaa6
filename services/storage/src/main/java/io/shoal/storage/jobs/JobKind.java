package io.shoal.storage.jobs;

/** The kinds of work on a torrent's stored content. */
public enum JobKind {
    /** Find large files that are complete. */
    PLAN,
    /** Make one object of a complete large file. */
    ASSEMBLE,
    /** Delete the segments of an assembled file. */
    CLEAN_UP,
    /** Delete a dead generation and all generations before it. */
    PURGE
}
