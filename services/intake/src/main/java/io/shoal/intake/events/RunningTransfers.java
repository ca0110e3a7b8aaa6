package io.shoal.intake.events;

import io.shoal.intake.transfers.TransferState;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.Tuple;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import org.hibernate.Session;

/** Reads which transfers of a library the fleet works on. Must be called inside a transaction. */
@ApplicationScoped
class RunningTransfers {
    private static final String[] WORKED_ON = Arrays.stream(TransferState.values())
            .filter(TransferState::isWorkedOn)
            .map(Enum::name)
            .toArray(String[]::new);

    private final Session database;

    RunningTransfers(Session database) {
        this.database = database;
    }

    /** Returns up to {@code limit} of them. */
    List<RunningTransfer> of(UUID tenant, int limit) {
        return database.createNativeQuery("""
                        select t.id, t.torrent_id as torrent, o.gen as gen, array_to_string(t.labels, ',') as labels,
                               t.state, t.wanted_bytes as wanted, t.joined_up as joined
                          from transfer t left join torrent o on o.id = t.torrent_id
                         where t.tenant_id = :tenant and t.state = any(cast(:states as text[])) limit :limit""", Tuple.class)
                .setParameter("tenant", tenant)
                .setParameter("states", WORKED_ON)
                .setParameter("limit", limit)
                .getResultStream()
                .map(RunningTransfers::read)
                .toList();
    }

    private static RunningTransfer read(Tuple row) {
        String labels = row.get("labels", String.class);
        return RunningTransfer.of(
                row.get("id", UUID.class),
                row.get("torrent", String.class),
                row.get("gen", Long.class),
                labels.isEmpty() ? List.of() : List.of(labels.split(",")),
                TransferState.valueOf(row.get("state", String.class)),
                row.get("wanted", Long.class),
                row.get("joined", Long.class));
    }
}
