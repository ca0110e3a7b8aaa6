package io.shoal.intake.admission;

import io.quarkus.scheduler.Scheduled;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The passkeys of all tenants: created, listed, revoked, and finally deleted. */
@ApplicationScoped
@RetryConflicts
public class Passkeys {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final int BYTES = 16;
    private static final int BATCH = 500;

    /** Every tracker remembers revoked passkeys for some days, so their number must be bounded too. */
    private static final int REMEMBERED_FOR_EACH = 10;

    /** Longer than a tracker that may return is away; after this time the record becomes a tombstone. */
    private static final Duration REMEMBERED = Duration.ofDays(8);

    private final PasskeyRepository passkeys;
    private final Tenants tenants;
    private final Sequences sequences;
    private final Outbox outbox;
    private final Duties duties;
    private final AuditLog audit;
    private final int most;

    Passkeys(
            PasskeyRepository passkeys,
            Tenants tenants,
            Sequences sequences,
            Outbox outbox,
            Duties duties,
            AuditLog audit,
            @ConfigProperty(name = "shoal.passkeys") int most) {
        this.passkeys = passkeys;
        this.tenants = tenants;
        this.sequences = sequences;
        this.outbox = outbox;
        this.duties = duties;
        this.audit = audit;
        this.most = most;
    }

    /**
     * A passkey that was just created.
     *
     * @param text the passkey: this is the only time that it is known
     */
    public record Made(Passkey passkey, String text) {
        /** Leaves the passkey out, because the result may be logged. */
        @Override
        public String toString() {
            return "Made[" + passkey.id() + "]";
        }
    }

    /** Creates a passkey; empty if the tenant has as many as it may have. */
    @Transactional
    public Optional<Made> make(UUID tenant, String name) {
        // The tenant's row is locked, so that two concurrent requests cannot both create the last passkey.
        if (!tenants.lock(tenant)
                || passkeys.count("tenant = ?1 and revokedAt is null", tenant) >= most
                || passkeys.count("tenant = ?1", tenant) >= (long) REMEMBERED_FOR_EACH * most) {
            return Optional.empty();
        }
        byte[] bits = new byte[BYTES];
        RANDOM.nextBytes(bits);
        String text = HexFormat.of().formatHex(bits);
        Passkey passkey = new Passkey(tenant, name, PasskeyHash.of(text), sequences.nextRev(), now());
        passkeys.persist(passkey);
        audit.write(AuditAction.PASSKEY_CREATED, tenant, passkey.id(), name);
        tell(passkey);
        return Optional.of(new Made(passkey, text));
    }

    /** Returns the passkeys of a tenant that are not revoked, oldest first. */
    @Transactional
    public List<Passkey> of(UUID tenant) {
        return passkeys.list("tenant = ?1 and revokedAt is null order by createdAt, id", tenant);
    }

    /** Revokes a passkey; returns whether the tenant had it. */
    @Transactional
    public boolean revoke(UUID tenant, UUID id) {
        Optional<Passkey> found = passkeys.find("id = ?1 and tenant = ?2 and revokedAt is null", id, tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
        found.ifPresent(passkey -> {
            revoke(passkey);
            audit.write(AuditAction.PASSKEY_REVOKED, tenant, id, passkey.name());
        });
        return found.isPresent();
    }

    /** Inside a transaction: revokes up to {@code limit} passkeys of a tenant; returns how many. */
    public int revokeSome(UUID tenant, int limit) {
        List<Passkey> some = passkeys.find("tenant = ?1 and revokedAt is null order by id", tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .page(0, limit)
                .list();
        some.forEach(this::revoke);
        return some.size();
    }

    private void revoke(Passkey passkey) {
        passkey.revoke(sequences.nextRev(), now());
        tell(passkey);
    }

    private void tell(Passkey passkey) {
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfPasskey(passkey.hash()).toString());
    }

    /** Inside a transaction: those passkeys with these hashes that are known, for reading only. */
    public List<Passkey> withHashes(Collection<PasskeyHash> hashes) {
        return passkeys.getSession()
                .createNativeQuery("select * from passkey where hash = any(cast(:hashes as text[]))", Passkey.class)
                .setParameter(
                        "hashes", hashes.stream().map(PasskeyHash::toString).toArray(String[]::new))
                .setReadOnly(true)
                .getResultList();
    }

    /** Deletes passkeys that were revoked long ago. */
    @Scheduled(
            every = "1h",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void forgetRevoked() {
        duties.runInBatches(Duty.FORGETTING_PASSKEYS, () -> {
            List<Passkey> old = passkeys.find("revokedAt < ?1 order by revokedAt", now().minus(REMEMBERED))
                    .page(0, BATCH)
                    .list();
            old.forEach(passkey -> {
                tell(passkey);
                passkeys.delete(passkey);
            });
            return old.size() == BATCH;
        });
    }

    /** As precise as the database, so that passkeys are listed in the order of their creation. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }
}
