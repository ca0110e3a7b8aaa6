package io.shoal.intake.transfers;

import io.shoal.contracts.records.Wanted;

/**
 * The options of a tenant that adds a torrent.
 *
 * @param wanted files; indexes that the torrent turns out not to have are ignored
 * @param privateAsked whether only the trackers that came with it may give peers, whatever its metadata says
 * @param goals when it has seeded enough
 * @param filing how the tenant finds it again
 * @param run how it runs
 */
public record AddOptions(
        Wanted wanted, boolean paused, boolean privateAsked, Goals goals, Filing filing, RunOptions run) {
    /**
     * Returns the options of a transfer that is visible in {@code library}.
     *
     * @throws TooManyLabelsException it would have too many labels
     */
    public AddOptions in(VisibleLibrary library) {
        return new AddOptions(wanted, paused, privateAsked, goals, filing.in(library), run);
    }
}
