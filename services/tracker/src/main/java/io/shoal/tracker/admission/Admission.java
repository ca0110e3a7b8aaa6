package io.shoal.tracker.admission;

import io.shoal.contracts.PasskeyHash;
import io.shoal.contracts.records.AdmissionRecord.Rule;
import io.shoal.tracker.swarms.SwarmKey;
import org.jspecify.annotations.Nullable;

/**
 * Decides which announces are served. Thread-safe; called for every announce. The rules in their order: a denied torrent is never served; a passkey, if there is one, must be known; a private
 * torrent is for members of its tenant; a public, allowed or, in an open tracker, unknown torrent is for every client.
 */
public final class Admission {
    private final Torrents torrents;
    private final Passkeys passkeys;
    private final boolean open;

    /**
     * @param open whether unregistered torrents are served
     */
    public Admission(Torrents torrents, Passkeys passkeys, boolean open) {
        this.torrents = torrents;
        this.passkeys = passkeys;
        this.open = open;
    }

    /** The decision about a client that asks for {@code torrent} with {@code passkey}, or with none. */
    public Verdict verdict(SwarmKey torrent, @Nullable PasskeyHash passkey) {
        TorrentAccess access = torrents.of(torrent);
        if (access != null && access.rule() == Rule.DENY) {
            return Refusal.DENIED;
        }
        if (passkey != null) {
            Member member = passkeys.member(passkey);
            if (member == null) {
                return Refusal.PASSKEY;
            }
            if (access != null && access.owners().contains(member.tenant())) {
                return member;
            }
        }
        if (access == null) {
            // A passkey means a private swarm, which may not be known here yet.
            return open && passkey == null ? Verdict.PUBLIC : Refusal.UNREGISTERED;
        }
        return access.open() > 0 || access.rule() == Rule.ALLOW ? Verdict.PUBLIC : Refusal.UNREGISTERED;
    }

    /** Whether {@code passkey} is known. */
    public boolean knows(PasskeyHash passkey) {
        return passkeys.member(passkey) != null;
    }
}
