package io.shoal.storage.jobs;

/** What is to be done with a torrent's content. */
public enum JobKind {
    /** Look which large files are complete. */
    PLAN,
    /** Make one object of a complete large file. */
    ASSEMBLE,
    /** Delete the segments of an assembled file. */
    CLEAN_UP,
    /** Delete a dead generation and all before it. */
    PURGE
}
