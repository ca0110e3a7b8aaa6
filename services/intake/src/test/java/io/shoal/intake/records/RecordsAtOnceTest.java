package io.shoal.intake.records;

import static org.assertj.core.api.Assertions.assertThat;

import io.agroal.api.AgroalDataSource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.contracts.records.AccountingRecord;
import io.shoal.contracts.records.Json;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.platform.Fleet;
import io.shoal.intake.platform.OnPlatform;
import io.shoal.intake.platform.Tenant;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.Statement;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Records that wait for the database must leave connections for the API, however many of them there are. */
@QuarkusTest
@OnPlatform
class RecordsAtOnceTest {
    /** As in application.properties; the pool has 20 connections. */
    private static final int AT_ONCE = 8;

    private static final int RECORDS = 64;
    private static final int REQUESTS = 30;

    @Inject
    AgroalDataSource database;

    @Test
    void recordsThatWaitForTheDatabaseDoNotKeepTheApiFromIt() throws Exception {
        UUID tenant = UUID.fromString(Tenant.create().id());
        String hash = "cd".repeat(20);
        try (Fleet fleet = new Fleet();
                Connection holding = database.getConnection();
                Statement statement = holding.createStatement()) {
            holding.setAutoCommit(false);
            statement.execute("lock table accounting_session in access exclusive mode");
            for (int i = 0; i < RECORDS; i++) {
                UUID user = UUID.randomUUID();
                AccountingRecord record =
                        new AccountingRecord(1, tenant, user, hash, "62".repeat(20), 1_000, 1, 1, 1, 2_000);
                fleet.send(Topic.ACCOUNTING, user + "/" + hash, Json.write(record));
            }
            Tenant.await().until(() -> waiting(statement) >= AT_ONCE);
            for (int i = 0; i < REQUESTS; i++) {
                Tenant.create();
                assertThat(waiting(statement)).isLessThanOrEqualTo(AT_ONCE);
            }
            holding.rollback();
        }
    }

    /** How many transactions wait for the table that the test holds. */
    private static int waiting(Statement statement) throws Exception {
        try (ResultSet count = statement.executeQuery("""
                select count(*) from pg_locks
                where relation = 'accounting_session'::regclass and not granted""")) {
            count.next();
            return count.getInt(1);
        }
    }
}
