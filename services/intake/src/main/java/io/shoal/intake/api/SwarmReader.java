package io.shoal.intake.api;

import io.shoal.contracts.topics.SliceKey;
import io.shoal.intake.swarms.SwarmLooks;
import io.shoal.intake.swarms.SwarmLooks.Look;
import io.shoal.intake.swarms.TooManyLooksException;
import io.shoal.intake.torrents.Torrent;
import io.shoal.intake.transfers.Transfer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.UUID;

/** Reads the swarms of tenants' transfers for answers, through looks that last as long as the request or the stream. */
@ApplicationScoped
class SwarmReader {
    private static final String NOT_RUNNING = "not-running";

    /** A report of this age answers a request at once: the next one is on its way. */
    private static final Duration YOUNG = Duration.ofSeconds(2);

    private final SwarmLooks looks;

    SwarmReader(SwarmLooks looks) {
        this.looks = looks;
    }

    /** Opens a look of the tenant at its transfer; throws the problem that says why there cannot be one. */
    Look open(UUID tenant, UUID transfer) {
        try {
            return looks.open(tenant, transfer);
        } catch (TooManyLooksException e) {
            throw ProblemException.of(
                    switch (e.bound()) {
                        case TRANSFERS, LOOKS -> ProblemKind.TOO_MANY_LOOKS;
                        case REPLICA -> ProblemKind.BUSY;
                    });
        }
    }

    /**
     * Returns what is known of the transfer's swarm.
     *
     * @param patience how long it waits for a report that is young
     */
    TransferSwarmView view(Look look, LibraryReader.Item item, Duration patience) throws InterruptedException {
        Transfer transfer = item.transfer();
        Torrent torrent = item.torrent();
        if (torrent == null) {
            look.away();
            return TransferSwarmView.nothing(
                    transfer.awaitsMetadata() ? ProblemKind.METADATA_PENDING.code() : NOT_RUNNING);
        }
        if (!transfer.isActive()) {
            look.away();
            return TransferSwarmView.nothing(NOT_RUNNING);
        }
        look.at(new SliceKey.OfTorrent(torrent.id(), 0), torrent.generation());
        return TransferSwarmView.of(
                transfer, torrent, look.await(YOUNG, patience).orElse(null));
    }
}
