package io.shoal.tracker.swarms;

/**
 * What the word of another replica does to the slot of the peer it speaks of. The last writer wins; of a word that comes too
 * late only the completion is taken, so all replicas that have heard the same hold the same, in whatever order they heard it.
 */
final class Merge {
    /** What became of a change. */
    enum Outcome {
        TAKEN,
        /** We knew that or better. */
        LATE,
        /** We knew better, and it was we who saw it: perhaps the others do not know. */
        DISPUTED
    }

    private final SwarmLimits swarmLimits;
    private final int replica;

    /**
     * @param replica number of this one
     */
    Merge(SwarmLimits swarmLimits, int replica) {
        this.swarmLimits = swarmLimits;
        this.replica = replica;
    }

    /** Takes in a peer that {@code swarm} does not know. */
    void enter(Change change, Swarm swarm) {
        if (change.completed()) {
            swarm.countDownload();
        }
        swarm.add(
                change.address(),
                change.port(),
                change.peer(),
                Flags.told(marks(change), change.at(), swarmLimits),
                change.replica(),
                (int) change.at(),
                change.state().code());
        swarm.countDownloads(change.downloaded());
    }

    /** Merges {@code change} into what {@code slot} holds. */
    Outcome renew(Change change, Swarm swarm, int slot) {
        boolean isSame = swarm.peer(slot) == change.peer();
        int flags = swarm.flags(slot);
        if (isSame && change.completed() && (flags & Flags.COUNTED) == 0) {
            swarm.countDownload();
        }
        swarm.countDownloads(change.downloaded());
        int marks = marks(change) | (isSame ? flags : 0);
        int state = swarm.state(slot);
        if (isLater(change, swarm, slot)) {
            swarm.stamp(
                    slot,
                    change.address(),
                    change.port(),
                    change.peer(),
                    Flags.told(marks, change.at(), swarmLimits),
                    change.replica(),
                    (int) change.at());
            swarm.turn(slot, state, change.state().code());
            return Outcome.TAKEN;
        }
        if (isSame) {
            swarm.stamp(slot, change.port(), marks, swarm.replica(slot), swarm.time(slot));
        }
        boolean differs = !isSame || state != change.state().code();
        return differs && swarm.replica(slot) == replica ? Outcome.DISPUTED : Outcome.LATE;
    }

    private static boolean isLater(Change change, Swarm swarm, int slot) {
        int later = (int) change.at() - swarm.time(slot);
        return later > 0 || later == 0 && change.replica() >= swarm.replica(slot);
    }

    private static int marks(Change change) {
        return (change.leeched() ? Flags.LEECHED : 0) | (change.counted() ? Flags.COUNTED : 0);
    }
}
