package io.shoal.intake.planning;

import java.time.Instant;
import java.util.Optional;

/** Tells how current this replica's knowledge of the fleet is. Without reports, a download that progresses looks like one that does not. */
@FunctionalInterface
public interface FleetReports {
    /** Returns since when all reports of the fleet have been read without a gap; empty while they are not. */
    Optional<Instant> currentSince();
}
