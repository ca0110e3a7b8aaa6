package io.shoal.tracker.accounting;

/**
 * What a session came to so far. None of these ever falls.
 *
 * @param uploaded bytes
 * @param downloaded bytes
 * @param seedingMillis spent as a seed
 * @param last when it announced last, milliseconds of the tracker's clock
 */
public record Totals(long uploaded, long downloaded, long seedingMillis, long last) {}
