package io.shoal.tracker.admission;

import java.util.UUID;

/**
 * The client joins the members' swarm of its tenant's private torrent.
 *
 * @param tenant whose torrent
 * @param user who has the passkey
 * @param locations number of clients (peer ids) that the user may have there at once, from 1; one on both families counts once
 */
public record Member(UUID tenant, UUID user, int locations) implements Verdict {}
