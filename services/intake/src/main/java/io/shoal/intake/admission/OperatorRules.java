package io.shoal.intake.admission;

import io.quarkus.scheduler.Scheduled;
import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.audit.AuditAction;
import io.shoal.intake.audit.AuditLog;
import io.shoal.intake.audit.FieldChanges;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.tenants.TenantStateChanged;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.Sequences;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.transaction.Transactional;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * The operator's rules for the tracker and for tenants: allowed torrents, and what tenants may do. Trackers and storage follow without
 * a restart.
 */
@ApplicationScoped
@RetryConflicts
public class OperatorRules {
    private static final int BATCH = 200;

    private final AllowedTorrentRepository torrents;
    private final TenantRuleRepository rules;
    private final Tenants tenants;
    private final Sequences sequences;
    private final Outbox outbox;
    private final Duties duties;
    private final AuditLog audit;
    private final Duration linkLifetime;

    OperatorRules(
            AllowedTorrentRepository torrents,
            TenantRuleRepository rules,
            Tenants tenants,
            Sequences sequences,
            Outbox outbox,
            Duties duties,
            AuditLog audit,
            @ConfigProperty(name = "shoal.link.lifetime") Duration linkLifetime) {
        this.torrents = torrents;
        this.rules = rules;
        this.tenants = tenants;
        this.sequences = sequences;
        this.outbox = outbox;
        this.duties = duties;
        this.audit = audit;
        this.linkLifetime = linkLifetime;
    }

    /** Allows a torrent: the tracker serves it to all clients, unless it is denied. */
    @Transactional
    public AllowedTorrent allow(InfoHash infoHash, @Nullable String reason) {
        // The revision is drawn when the row is locked, and two transactions that allow a torrent at once do not
        // collide.
        torrents.getEntityManager()
                .createNativeQuery("insert into allowed_torrent (info_hash, reason, rev, changed_at)"
                        + " values (:hash, cast(:reason as text), nextval('rev_seq'), :now)"
                        + " on conflict (info_hash) do update set reason = excluded.reason,"
                        + " rev = nextval('rev_seq'), changed_at = excluded.changed_at")
                .setParameter("hash", infoHash.hex())
                .setParameter("reason", reason)
                .setParameter("now", Instant.now().truncatedTo(ChronoUnit.MICROS))
                .executeUpdate();
        tell(infoHash);
        audit.write(AuditAction.TORRENT_ALLOWED, infoHash.hex(), null);
        return torrents.findById(infoHash.hex());
    }

    private void tell(InfoHash infoHash) {
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTorrent(infoHash).toString());
    }

    /** Withdraws the allowance of a torrent; returns whether there was one. */
    @Transactional
    public boolean disallow(InfoHash infoHash) {
        boolean was = torrents.deleteById(infoHash.hex());
        tell(infoHash);
        if (was) {
            audit.write(AuditAction.TORRENT_DISALLOWED, infoHash.hex(), null);
        }
        return was;
    }

    /** The torrent, if it is allowed. */
    @Transactional
    public Optional<AllowedTorrent> of(InfoHash infoHash) {
        return torrents.findByIdOptional(infoHash.hex());
    }

    /** Inside a transaction: those of the torrents that are allowed, for reading only. */
    public List<AllowedTorrent> allowed(Collection<InfoHash> infoHashes) {
        return torrents.getSession()
                .createNativeQuery(
                        "select * from allowed_torrent where info_hash = any(cast(:hashes as text[]))",
                        AllowedTorrent.class)
                .setParameter("hashes", infoHashes.stream().map(InfoHash::hex).toArray(String[]::new))
                .setReadOnly(true)
                .getResultList();
    }

    /** Up to {@code limit} allowed torrents whose info-hashes come after {@code after}, in their order. */
    @Transactional
    public List<AllowedTorrent> page(String after, int limit) {
        return torrents.find("infoHash > ?1 order by infoHash", after)
                .page(0, limit)
                .list();
    }

    /** Sets the rule for a tenant; returns whether the tenant exists. */
    @Transactional
    public boolean rule(UUID tenant, boolean enabled, @Nullable Integer locations) {
        if (!tenants.lock(tenant)) {
            return false;
        }
        TenantRule rule = rules.findByIdOptional(tenant).orElseGet(() -> new TenantRule(tenant));
        FieldChanges changes = new FieldChanges()
                .field("enabled", rule.enabled(), enabled)
                .field("locations", rule.locations(), locations);
        rule.rule(enabled, locations, sequences.nextRev());
        rules.persist(rule);
        if (!changes.isEmpty()) {
            audit.write(AuditAction.TENANT_RULE_CHANGED, tenant, tenant, changes.toString());
        }
        changed(tenant);
        return true;
    }

    /** Publishes the rule again, because it follows the tenant's state. */
    void tenantChanged(@Observes TenantStateChanged change) {
        UUID tenant = change.tenant();
        TenantRule rule = rules.findByIdOptional(tenant).orElseGet(() -> new TenantRule(tenant));
        switch (change.state()) {
            case ACTIVE -> rule.resume(sequences.nextRev());
            case SUSPENDED, DELETING -> rule.suspend(Instant.now(), sequences.nextRev());
        }
        rules.persist(rule);
        changed(tenant);
    }

    private void changed(UUID tenant) {
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTenant(tenant).toString());
    }

    /** The rule for a tenant, if there is one. */
    @Transactional
    public Optional<TenantRule> of(UUID tenant) {
        return rules.findByIdOptional(tenant);
    }

    /** Inside a transaction: those rules that exist for these tenants, for reading only. */
    public List<TenantRule> ofTenants(Collection<UUID> ids) {
        return rules.getSession()
                .createNativeQuery(
                        "select * from tenant_rule where tenant_id = any(cast(:ids as uuid[]))", TenantRule.class)
                .setParameter("ids", ids.stream().map(UUID::toString).toArray(String[]::new))
                .setReadOnly(true)
                .getResultList();
    }

    /** Inside a transaction: the tenant is gone. Its rule is kept as long as one of its links could still be valid. */
    public void leave(UUID tenant) {
        rules.findByIdOptional(tenant)
                .ifPresent(rule -> rule.forgetAt(Instant.now().plus(linkLifetime)));
    }

    @Scheduled(
            every = "10m",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void forgetLeftOver() {
        duties.runInBatches(Duty.FORGETTING_RULES, () -> {
            List<TenantRule> over =
                    rules.find("forgetAt < ?1", Instant.now()).page(0, BATCH).list();
            over.forEach(rule -> {
                changed(rule.tenant());
                rules.delete(rule);
            });
            return over.size() == BATCH;
        });
    }
}
