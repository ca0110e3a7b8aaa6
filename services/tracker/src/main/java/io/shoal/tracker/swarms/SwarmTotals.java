package io.shoal.tracker.swarms;

/**
 * How many there are, over all swarms.
 *
 * @param swarms that have or had peers of this family
 * @param seeds IPv4 and IPv6
 * @param leeches those that want something
 * @param paused partial seeds
 */
public record SwarmTotals(int swarms, Both seeds, Both leeches, Both paused) {
    /** A number for each family. */
    public record Both(int v4, int v6) {
        Both plus(Both other) {
            return new Both(v4 + other.v4, v6 + other.v6);
        }
    }

    static final SwarmTotals NONE = new SwarmTotals(0, new Both(0, 0), new Both(0, 0), new Both(0, 0));

    static SwarmTotals of(SwarmTable v4, SwarmTable v6) {
        return new SwarmTotals(
                v4.size() + v6.size(),
                new Both(v4.total(Swarm.SEED), v6.total(Swarm.SEED)),
                new Both(v4.total(Swarm.ACTIVE), v6.total(Swarm.ACTIVE)),
                new Both(v4.total(Swarm.PAUSED), v6.total(Swarm.PAUSED)));
    }

    SwarmTotals plus(SwarmTotals other) {
        return new SwarmTotals(
                swarms + other.swarms, seeds.plus(other.seeds), leeches.plus(other.leeches), paused.plus(other.paused));
    }
}
