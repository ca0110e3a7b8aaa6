package io.shoal.intake.admission;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.records.AdmissionRecord.Rule;
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

/** What the operator rules about single torrents and about tenants. The tracker follows without a restart. */
@ApplicationScoped
public class OperatorRules {
    private final ListedTorrentRepository torrents;
    private final TenantRuleRepository rules;
    private final Tenants tenants;
    private final Sequences sequences;
    private final Outbox outbox;

    OperatorRules(
            ListedTorrentRepository torrents,
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

    /** Puts a torrent on a list, in place of the one on which it was. */
    @Transactional
    public ListedTorrent list(InfoHash infoHash, Rule rule, @Nullable String reason) {
        // The revision is drawn when the row is locked, and two who list a torrent at once do not meet.
        torrents.getEntityManager()
                .createNativeQuery("insert into listed_torrent (info_hash, rule, reason, rev, changed_at)"
                        + " values (:hash, :rule, cast(:reason as text), nextval('rev_seq'), :now)"
                        + " on conflict (info_hash) do update set rule = excluded.rule, reason = excluded.reason,"
                        + " rev = nextval('rev_seq'), changed_at = excluded.changed_at")
                .setParameter("hash", infoHash.hex())
                .setParameter("rule", rule.name())
                .setParameter("reason", reason)
                .setParameter("now", now())
                .executeUpdate();
        tell(infoHash);
        return torrents.findById(infoHash.hex());
    }

    private void tell(InfoHash infoHash) {
        outbox.dirty(Topic.ADMISSION, new AdmissionKey.OfTorrent(infoHash).toString());
    }

    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.MICROS);
    }

    /** Takes a torrent off its list; whether it was on one. */
    @Transactional
    public boolean unlist(InfoHash infoHash) {
        boolean was = torrents.deleteById(infoHash.hex());
        tell(infoHash);
        return was;
    }

    /** The rule for a torrent, if there is one. */
    @Transactional
    public Optional<ListedTorrent> of(InfoHash infoHash) {
        return torrents.findByIdOptional(infoHash.hex());
    }

    /** Up to {@code limit} listed torrents whose info-hashes come after {@code after}, in their order. */
    @Transactional
    public List<ListedTorrent> page(String after, int limit) {
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
