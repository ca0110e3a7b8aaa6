package io.shoal.bench.control;

import io.shoal.contracts.Generation;
import io.shoal.local.client.ShoalClient;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * Tenants with many transfers, each of a torrent of its own. One transfer is added through the API; all others are copies of its rows,
 * in whatever columns and dependent tables intake keeps them, with other ids and states. So the rows are as intake writes them, and
 * the bench knows only the few columns that must differ.
 */
final class Library {
    private static final int ROWS_AT_ONCE = 20_000;

    /**
     * The torrents are shared evenly among the tenants. Of those that run, every tenth downloads and the others seed; nothing is stored
     * of each tenth.
     */
    private static final String TORRENT_COLUMNS = """
            'id', :torrent, 'owner', (:tenants)[i % :count + 1]::text, 'info_hash', :hash,
            'info_digest', md5('v2-' || i) || md5('v2+' || i),
            'name', 'bench ' || i, 'mode', case when i < :live then 'RUN' else 'STOP' end,
            'stored', case when i % 10 = 0 then '\\x' else '\\x' || repeat('ff', :segments / 8) end""";

    private static final String TENANT = ", 'tenant_id', (:tenants)[i % :count + 1]";

    private static final String TRANSFER_COLUMNS = """
            'id', md5('transfer-' || i)::uuid, 'tenant_id', (:tenants)[i % :count + 1], 'torrent_id', :torrent, 'info_hash', :hash,
            'name', 'bench ' || i, 'number', -1 - i, 'queue_rank', i, 'sort_name', 'bench ' || i, 'search_text', 'bench ' || i,
            'created_at', now() - i * interval '1 millisecond',
            'state', case when i >= :live then 'PAUSED' when i % 10 = 0 then 'DOWNLOADING' else 'SEEDING' end,
            'paused', i >= :live, 'complete', i % 10 <> 0, 'completed_at', case when i % 10 <> 0 then now() end, 'slot', i < :live and i % 10 = 0,
            'slot_at', case when i < :live and i % 10 = 0 then now() end, 'queued_since', null""";

    private final Databases databases;
    private final List<ShoalClient.Tenant> tenants;
    private final UUID transfer;

    private Library(Databases databases, List<ShoalClient.Tenant> tenants, UUID transfer) {
        this.databases = databases;
        this.tenants = tenants;
        this.transfer = transfer;
    }

    /** Creates the tenants, and the transfer that the others are copies of, at {@code intake}, which is ready. */
    static Library create(Run run, Stage stage, Replica intake) throws IOException, InterruptedException {
        int count = run.sizes().tenants();
        Run.say("creating %d tenants".formatted(count));
        ShoalClient operator = new ShoalClient(intake.api().toString(), Stage.OPERATOR_KEY);
        List<ShoalClient.Tenant> tenants = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tenants.add(operator.createTenant("bench " + i));
        }
        ShoalClient first =
                new ShoalClient(intake.api().toString(), tenants.getFirst().key());
        UUID transfer =
                UUID.fromString(first.submit(MadeTorrent.number(-1).metainfo()).id());
        return new Library(stage.databases(), List.copyOf(tenants), transfer);
    }

    List<ShoalClient.Tenant> tenants() {
        return tenants;
    }

    /** The id of the transfer of torrent {@code number}. */
    static String transfer(int number) {
        String digits = TorrentNames.md5("transfer-" + number);
        return new UUID(
                        Long.parseUnsignedLong(digits.substring(0, 16), 16),
                        Long.parseUnsignedLong(digits.substring(16), 16))
                .toString();
    }

    /** The tenant of torrent {@code number}. */
    ShoalClient.Tenant tenantOf(int number) {
        return tenants.get(number % tenants.size());
    }

    /**
     * Adds transfers of the torrents from 0.
     *
     * @param live of these, counted from 0, are to run
     * @return records about the torrents that fit to their rows
     */
    FleetRecords fill(Run run, int count, int live) throws SQLException, IOException {
        try (Connection connection = databases.connect(Databases.INTAKE)) {
            String torrent = text(connection, "select torrent_id from transfer where id = '" + transfer + "'");
            List<Copy> copies = new ArrayList<>();
            copies.add(new Copy("torrent", "id", torrent, TORRENT_COLUMNS));
            copies.addAll(dependents(connection, "torrent", torrent, TorrentNames.sqlId("i")));
            copies.add(new Copy("transfer", "id", transfer.toString(), TRANSFER_COLUMNS));
            copies.addAll(dependents(connection, "transfer", transfer.toString(), "md5('transfer-' || i)::uuid"));
            for (Copy copy : copies) {
                copy.run(run, connection, this, count, live);
            }
            execute(connection, "analyze");
            return new FleetRecords(
                    new Generation(number(connection, "select gen from torrent where id = '" + torrent + "'")),
                    number(connection, "select rev from torrent where id = '" + torrent + "'"));
        }
    }

    /** Copies of the rows in tables that refer to {@code table}, except those of transfers, which are copied by themselves. */
    private static List<Copy> dependents(Connection connection, String table, String key, String newKey)
            throws SQLException {
        List<Copy> copies = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("""
                        select c.conrelid::regclass::text, a.attname from pg_constraint c
                        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
                        where c.contype = 'f' and cardinality(c.conkey) = 1 and c.confrelid = '%s'::regclass
                        and c.conrelid <> 'transfer'::regclass""".formatted(table))) {
            while (found.next()) {
                String column = found.getString(2);
                copies.add(new Copy(found.getString(1), column, key, "'" + column + "', " + newKey + TENANT));
            }
        }
        return copies;
    }

    /**
     * Copies of the rows of one table.
     *
     * @param column that names what is copied
     * @param key of what is copied
     * @param columns what differs, as arguments of {@code jsonb_build_object}; columns that the table does not have are ignored
     */
    private record Copy(String table, String column, String key, String columns) {
        void run(Run run, Connection connection, Library library, int count, int live)
                throws SQLException, IOException {
            String tenants = String.join(
                    ",",
                    library.tenants.stream()
                            .map(tenant -> "'" + tenant.id() + "'")
                            .toList());
            String values = columns.replace(":torrent", TorrentNames.sqlId("i"))
                    .replace(":hash", TorrentNames.sqlInfoHash("i"))
                    .replace(":tenants", "array[" + tenants + "]::uuid[]")
                    .replace(":count", Integer.toString(library.tenants.size()))
                    .replace(":live", Integer.toString(live))
                    .replace(":segments", Integer.toString(MadeTorrent.SEGMENTS));
            String insert = """
                    insert into :table select copy.* from :table t, generate_series(?, ?) i,
                    lateral jsonb_populate_record(t, jsonb_build_object(:values)) as copy where t.:column::text = ':key'
                    on conflict do nothing -- a trigger has made it already""".replace(":table", table)
                    .replace(":values", values)
                    .replace(":column", column)
                    .replace(":key", key);
            try (PreparedStatement statement = connection.prepareStatement(insert)) {
                for (int first = 0; first < count; first += ROWS_AT_ONCE) {
                    if (run.deadline().hasPassed() || Thread.currentThread().isInterrupted()) {
                        throw new IOException("filling the library was ended by the limit of the run, or by a signal");
                    }
                    if (first % (10 * ROWS_AT_ONCE) == 0) {
                        Run.say("rows of %s: %,d of %,d".formatted(table, first, count));
                    }
                    statement.setInt(1, first);
                    statement.setInt(2, Math.min(count, first + ROWS_AT_ONCE) - 1);
                    statement.executeUpdate();
                }
            }
        }
    }

    private static String text(Connection connection, String query) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static long number(Connection connection, String query) throws SQLException {
        return Long.parseLong(text(connection, query));
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
