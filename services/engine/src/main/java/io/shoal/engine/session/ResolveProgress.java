package io.shoal.engine.session;

import io.shoal.engine.announce.AnnounceProgress;
import java.util.function.BooleanSupplier;

/** What is announced about a magnet. */
final class ResolveProgress implements AnnounceProgress {
    /** Not 0, or trackers would take this client for a seed and return no seeds. */
    private static final long LEFT = 16 << 10;

    private final BooleanSupplier isDelivered;
    private final BooleanSupplier anyOffers;

    /** @param anyOffers whether a connected peer has the info dictionary */
    ResolveProgress(BooleanSupplier isDelivered, BooleanSupplier anyOffers) {
        this.isDelivered = isDelivered;
        this.anyOffers = anyOffers;
    }

    @Override
    public long uploaded() {
        return 0;
    }

    @Override
    public long downloaded() {
        return 0;
    }

    @Override
    public long left() {
        return LEFT;
    }

    @Override
    public boolean isPartialSeed() {
        return false;
    }

    @Override
    public PeerDemand peerDemand() {
        return isDelivered.getAsBoolean() ? PeerDemand.NONE : PeerDemand.MANY;
    }

    @Override
    public boolean isIsolated() {
        return !isDelivered.getAsBoolean() && !anyOffers.getAsBoolean();
    }
}
