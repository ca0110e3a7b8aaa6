package io.shoal.tracker.admission;

import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.swarms.SwarmKey;
import org.jspecify.annotations.Nullable;

/**
 * Whom and what the tracker serves; any thread asks, for every announce. The rules in their order: what is denied is served to nobody; a passkey, where one is shown, must be somebody's; a tenant's
 * private torrent is for its members; a public, allowed or, in an open house, unknown torrent is for everybody.
 */
public final class Admission {
    private final Torrents torrents;
    private final Passkeys passkeys;
    private final boolean open;

    /**
     * @param open whether torrents are served that nobody has registered
     */
    public Admission(Torrents torrents, Passkeys passkeys, boolean open) {
        this.torrents = torrents;
        this.passkeys = passkeys;
        this.open = open;
    }

    /** What an asker for {@code torrent} is told who came with {@code passkey}, or with none. */
    public Verdict verdict(SwarmKey torrent, @Nullable PasskeyHash passkey) {
        Standing standing = torrents.of(torrent);
        if (standing != null && standing.rule() == Rule.DENY) {
            return Refusal.DENIED;
        }
        if (passkey != null) {
            Member member = passkeys.bearer(passkey);
            if (member == null) {
                return Refusal.PASSKEY;
            }
            if (standing != null && standing.owners().contains(member.tenant())) {
                return member;
            }
        }
        if (standing == null) {
            // Who shows a passkey means a private swarm, which may not be known here yet.
            return open && passkey == null ? Verdict.PUBLIC : Refusal.UNREGISTERED;
        }
        return standing.open() > 0 || standing.rule() == Rule.ALLOW ? Verdict.PUBLIC : Refusal.UNREGISTERED;
    }

    /** Whether {@code passkey} is somebody's. */
    public boolean knows(PasskeyHash passkey) {
        return passkeys.bearer(passkey) != null;
    }
}
