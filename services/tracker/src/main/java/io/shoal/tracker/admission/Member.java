package io.shoal.tracker.admission;

import java.util.UUID;

/**
 * He joins the swarm that his tenant's private torrent has for its members.
 *
 * @param tenant whose torrent
 * @param user who he is
 * @param locations with how many clients (peer ids) he may be there at once, from 1; one on both families counts once
 */
public record Member(UUID tenant, UUID user, int locations) implements Verdict {}
