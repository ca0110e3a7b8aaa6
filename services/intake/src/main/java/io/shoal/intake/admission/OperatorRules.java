package io.shoal.intake.admission;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.topics.AdmissionKey;
import io.shoal.contracts.topics.Topic;
import io.shoal.intake.outbox.Outbox;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.torrents.Sequences;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.transaction.Transactional;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The operator's rules for the tracker: torrents that are allowed, and what tenants may. The tracker follows without a restart. */
@ApplicationScoped
public class OperatorRules {
    private final AllowedTorrentRepository torrents;
    private final TenantRuleRepository rules;
    private final Tenants tenants;
    private final Sequences sequences;
    private final Outbox outbox;

    OperatorRules(
            AllowedTorrentRepository torrents,
            TenantRuleRepository rules,
            Tenants tenants,
            Sequences sequences,
            Outbox outbox) {
        this.torrents = torrents;
        this.rules = rules;
        this.tenants = tenants;
        this.sequences = sequences;
        this.outbox = outbox;
    }

    /** Allows a torrent: the tracker serves it to everybody, unless it is denied. */
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
        return torrents.findById(infoHash.hex());
    }

    private void tell(InfoHash infoHash) {
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTorrent(infoHash).toString());
    }

    /** Allows a torrent no longer; returns whether it was allowed. */
    @Transactional
    public boolean disallow(InfoHash infoHash) {
        boolean was = torrents.deleteById(infoHash.hex());
        tell(infoHash);
        return was;
    }

    /** The torrent, if it is allowed. */
    @Transactional
    public Optional<AllowedTorrent> of(InfoHash infoHash) {
        return torrents.findByIdOptional(infoHash.hex());
    }

    /** Up to {@code limit} allowed torrents whose info-hashes come after {@code after}, in their order. */
    @Transactional
    public List<AllowedTorrent> page(String after, int limit) {
        return torrents.find("infoHash > ?1 order by infoHash", after)
                .page(0, limit)
                .list();
    }

    /** Rules for a tenant; whether there is this tenant. */
    @Transactional
    public boolean rule(UUID tenant, boolean enabled, @Nullable Integer locations) {
        if (!tenants.lock(tenant)) {
            return false;
        }
        TenantRule rule = rules.findByIdOptional(tenant).orElseGet(() -> new TenantRule(tenant));
        rule.rule(enabled, locations, sequences.nextRev());
        rules.persist(rule);
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTenant(tenant).toString());
        return true;
    }

    /** The rule for a tenant, if there is one. */
    @Transactional
    public Optional<TenantRule> of(UUID tenant) {
        return rules.findByIdOptional(tenant);
    }

    /** Inside a transaction: forgets the rule for a tenant that is being deleted. */
    public void forget(UUID tenant) {
        if (rules.deleteById(tenant)) {
            outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTenant(tenant).toString());
        }
    }
}
