package io.shoal.tracker.swarms;

/**
 * What the swarms keep, and for how long.
 *
 * @param lifetime milliseconds without an announce after which a peer is gone
 * @param memoryOfStopped milliseconds for which a peer that stopped is remembered
 * @param peers of all swarms together; further ones are answered, not remembered
 */
public record Terms(int lifetime, int memoryOfStopped, int peers) {}
