package io.shoal.intake.planning;

import java.time.Instant;
import java.util.Optional;

/** How well this replica knows what the fleet reports. Without its reports, a download that gets on looks like one that does not. */
@FunctionalInterface
public interface FleetReports {
    /** Since when all that the fleet reports has been read, without a gap; empty while it is not. */
    Optional<Instant> currentSince();
}
