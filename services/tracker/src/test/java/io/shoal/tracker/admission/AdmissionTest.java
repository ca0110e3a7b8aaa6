package io.shoal.tracker.admission;

import static org.assertj.core.api.Assertions.assertThat;

import io.shoal.bittorrent.InfoHash;
import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.TorrentId;
import io.shoal.contracts.records.AdmissionRecord;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.swarms.SwarmKey;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class AdmissionTest {
    private static final InfoHash HASH = InfoHash.ofHex("ab".repeat(20));
    private static final SwarmKey KEY = SwarmKey.of(HASH);
    private static final TorrentId ONE = TorrentId.of("one", HASH);
    private static final TorrentId TWO = TorrentId.of("two", HASH);
    private static final UUID TENANT = new UUID(1, 1);
    private static final UUID OTHER = new UUID(2, 2);
    private static final UUID USER = new UUID(3, 3);
    private static final PasskeyHash PASSKEY = PasskeyHash.of("a passkey");
    private static final PasskeyHash OTHERS = PasskeyHash.of("another tenant's");

    private final Torrents torrents = new Torrents(key -> {});
    private final Passkeys passkeys = new Passkeys(3, key -> {});
    private final Admission closed = new Admission(torrents, passkeys, false);
    private final Admission open = new Admission(torrents, passkeys, true);

    private Verdict asked(@Nullable PasskeyHash passkey) {
        return closed.verdict(KEY, passkey);
    }

    private void issue(PasskeyHash passkey, long rev, UUID tenant, boolean revoked) {
        passkeys.put(passkey, new AdmissionRecord.Passkey(1, rev, tenant, USER, revoked));
    }

    @Test
    void aHashIsServedUntilTheLastTenantLetsGo() {
        torrents.register(ONE, 1, List.of(KEY), null);
        torrents.register(TWO, 1, List.of(KEY), null);
        torrents.register(ONE, 2, List.of(), null);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
        torrents.forget(TWO);
        assertThat(asked(null)).isEqualTo(Refusal.UNREGISTERED);
        assertThat(torrents.size()).isZero();
    }

    @Test
    void aLowerRevisionIsIgnoredAndTheSameOneTwiceIsNoHarm() {
        torrents.register(ONE, 5, List.of(KEY), null);
        torrents.register(ONE, 5, List.of(KEY), null);
        torrents.register(ONE, 4, List.of(), null);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
        torrents.register(ONE, 6, List.of(), null);
        assertThat(asked(null)).isEqualTo(Refusal.UNREGISTERED);
    }

    @Test
    void whatIsForgottenMayComeBack() {
        torrents.register(ONE, 5, List.of(KEY), null);
        torrents.forget(ONE);
        torrents.forget(ONE);
        assertThat(asked(null)).isEqualTo(Refusal.UNREGISTERED);
        torrents.register(ONE, 1, List.of(KEY), null);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
    }

    @Test
    void row12APrivateTorrentNeedsAPasskeyOfATenantThatHasIt() {
        torrents.register(ONE, 1, List.of(KEY), TENANT);
        issue(PASSKEY, 1, TENANT, false);
        issue(OTHERS, 1, OTHER, false);
        assertThat(asked(null)).isEqualTo(Refusal.UNREGISTERED);
        assertThat(asked(OTHERS)).isEqualTo(Refusal.UNREGISTERED);
        assertThat(asked(PASSKEY)).isEqualTo(new Member(TENANT, USER, 3));
        assertThat(open.verdict(KEY, null)).isEqualTo(Refusal.UNREGISTERED);

        torrents.register(ONE, 2, List.of(), TENANT);
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.UNREGISTERED);
    }

    @Test
    void row12TwoTenantsWithOnePrivateTorrentAreToldApart() {
        torrents.register(ONE, 1, List.of(KEY), TENANT);
        torrents.register(TWO, 1, List.of(KEY), OTHER);
        issue(PASSKEY, 1, TENANT, false);
        issue(OTHERS, 1, OTHER, false);
        assertThat(asked(PASSKEY)).isEqualTo(new Member(TENANT, USER, 3));
        assertThat(asked(OTHERS)).isEqualTo(new Member(OTHER, USER, 3));
        torrents.forget(ONE);
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.UNREGISTERED);
        assertThat(asked(OTHERS)).isEqualTo(new Member(OTHER, USER, 3));
    }

    @Test
    void row12APublicTorrentNeedsNoneButAPasskeyThatIsShownMustBeKnown() {
        torrents.register(ONE, 1, List.of(KEY), null);
        issue(OTHERS, 1, OTHER, false);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
        assertThat(asked(OTHERS)).isEqualTo(Verdict.PUBLIC);
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.PASSKEY);
        assertThat(open.verdict(KEY, PASSKEY)).isEqualTo(Refusal.PASSKEY);
        assertThat(closed.knows(OTHERS)).isTrue();
        assertThat(closed.knows(PASSKEY)).isFalse();
    }

    @Test
    void row12ARevokedPasskeyOpensNothingAndAnOlderRecordDoesNotBringItBack() {
        torrents.register(ONE, 1, List.of(KEY), TENANT);
        issue(PASSKEY, 4, TENANT, false);
        issue(PASSKEY, 5, TENANT, true);
        issue(PASSKEY, 4, TENANT, false);
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.PASSKEY);
        issue(OTHERS, 6, TENANT, false);
        passkeys.forget(OTHERS);
        assertThat(asked(OTHERS)).isEqualTo(Refusal.PASSKEY);
        assertThat(passkeys.size()).isZero();
    }

    @Test
    void theOperatorsListsGoBeforeRegistration() {
        torrents.list(KEY, 1, Rule.ALLOW);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
        torrents.list(KEY, 3, Rule.DENY);
        torrents.list(KEY, 2, Rule.ALLOW);
        torrents.register(ONE, 1, List.of(KEY), null);
        assertThat(asked(null)).isEqualTo(Refusal.DENIED);
        assertThat(open.verdict(KEY, null)).isEqualTo(Refusal.DENIED);
        torrents.unlist(KEY);
        assertThat(asked(null)).isEqualTo(Verdict.PUBLIC);
        torrents.forget(ONE);
        assertThat(torrents.size()).isZero();
    }

    @Test
    void aDeniedTorrentIsServedToNoMemberEither() {
        torrents.register(ONE, 1, List.of(KEY), TENANT);
        issue(PASSKEY, 1, TENANT, false);
        torrents.list(KEY, 1, Rule.DENY);
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.DENIED);
    }

    @Test
    void anOpenTrackerServesUnregisteredTorrents() {
        assertThat(open.verdict(KEY, null)).isEqualTo(Verdict.PUBLIC);
        assertThat(asked(null)).isEqualTo(Refusal.UNREGISTERED);
    }

    @Test
    void aTenantsRulesHoldForAllItsPasskeysWhicheverCameFirst() {
        torrents.register(ONE, 1, List.of(KEY), TENANT);
        passkeys.rule(TENANT, new AdmissionRecord.TenantRules(1, 2, true, 7, 0));
        issue(PASSKEY, 1, TENANT, false);
        assertThat(asked(PASSKEY)).isEqualTo(new Member(TENANT, USER, 7));
        passkeys.rule(TENANT, new AdmissionRecord.TenantRules(1, 3, false, null, 0));
        passkeys.rule(TENANT, new AdmissionRecord.TenantRules(1, 2, true, 7, 0));
        assertThat(asked(PASSKEY)).isEqualTo(Refusal.PASSKEY);
        passkeys.rule(TENANT, new AdmissionRecord.TenantRules(1, 4, true, null, 0));
        assertThat(asked(PASSKEY)).isEqualTo(new Member(TENANT, USER, 3));
        passkeys.rule(TENANT, new AdmissionRecord.TenantRules(1, 5, false, null, 0));
        passkeys.unrule(TENANT);
        assertThat(asked(PASSKEY)).isEqualTo(new Member(TENANT, USER, 3));
    }
}
