package io.shoal.intake.events;

import io.quarkus.narayana.jta.QuarkusTransaction;
import io.shoal.intake.platform.Tenant;
import io.shoal.intake.platform.Torrents;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;
import org.hibernate.Session;

/** What tests of event streams do to the database behind the service. */
@ApplicationScoped
public class LibraryFixture {
    private static final String COPIES = """
            insert into transfer select copy.* from transfer t, generate_series(1, :count) as i,
                   lateral jsonb_populate_record(t, jsonb_build_object(
                     'id', gen_random_uuid(), 'info_hash', lpad(to_hex(i), 40, '0'), 'number', 1000 + i,
                     'created_at', now() - i * interval '1 second', 'change', text(pg_current_xact_id()),
                     'name', repeat('name ', cast(:words as int)) || i, 'state', 'PAUSED', 'paused', true)) as copy
             where t.id = :transfer
            """;

    private final Session database;

    LibraryFixture(Session database) {
        this.database = database;
    }

    /** Adds a transfer, and {@code count} that are older, with names of so many words. Returns the first one. */
    String fill(Tenant tenant, int count, int words) {
        String id = tenant.add(Torrents.small());
        QuarkusTransaction.requiringNew()
                .run(() -> database.createNativeMutationQuery(COPIES)
                        .setParameter("count", count)
                        .setParameter("words", words)
                        .setParameter("transfer", UUID.fromString(id))
                        .executeUpdate());
        return id;
    }

    void rename(String transfer, String name) {
        QuarkusTransaction.requiringNew().run(() -> renameHere(transfer, name));
    }

    /** Inside a transaction. */
    void renameHere(String transfer, String name) {
        database.createNativeMutationQuery("update transfer set name = :name where id = :id")
                .setParameter("name", name)
                .setParameter("id", UUID.fromString(transfer))
                .executeUpdate();
    }

    /** Deletes a row of a table, as another replica would. */
    void delete(String table, String id) {
        QuarkusTransaction.requiringNew()
                .run(() -> database.createNativeMutationQuery("delete from " + table + " where id = :id")
                        .setParameter("id", UUID.fromString(id))
                        .executeUpdate());
    }
}
