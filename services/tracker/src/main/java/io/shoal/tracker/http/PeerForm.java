package io.shoal.tracker.http;

/** The form of peers in a reply. */
enum PeerForm {
    /** Packed bytes (BEP 7, 23). */
    COMPACT,
    /** Dictionaries without peer ids. */
    DICTIONARIES,
    /** Dictionaries with peer ids where they are known (BEP 3). */
    DICTIONARIES_WITH_IDS
}
