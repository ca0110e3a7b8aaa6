package io.shoal.swarm.ownership;

import io.shoal.contracts.Generation;
import io.shoal.contracts.records.SwarmReport;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The swarm of a slice at one moment, within the bounds of {@link SwarmReport}.
 *
 * @param connected connected peers, workers of this deployment left out
 */
public record SwarmView(int connected, List<SwarmReport.Peer> peers, SwarmReport.@Nullable Pieces pieces) {
    /** The view of a slice that is not in its swarm. */
    public static final SwarmView NONE = new SwarmView(0, List.of(), null);

    /** Returns the report that an owner of this epoch publishes. */
    SwarmReport toReport(String key, Generation gen, long epoch) {
        return new SwarmReport(key, gen, epoch, connected, peers, pieces);
    }
}
