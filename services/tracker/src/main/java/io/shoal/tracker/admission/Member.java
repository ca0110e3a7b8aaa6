package io.shoal.tracker.admission;

import java.util.UUID;

/**
 * He joins the swarm that his tenant's private torrent has for its members.
 *
 * @param tenant whose torrent
 * @param user who he is
 * @param locations at how many addresses he may be at once, from 1
 */
public record Member(UUID tenant, UUID user, int locations) implements Verdict {}
