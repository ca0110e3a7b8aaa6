package io.shoal.bench.control;

import java.io.IOException;

/** How the heap of a replica is reported: the bound is its JVM's own, at which its process ends. */
final class Heaps {
    private Heaps() {}

    static void add(Run run, String what, Replica replica) throws IOException {
        boolean alive = true;
        try {
            replica.awaitAlive();
        } catch (IOException e) {
            alive = false;
        }
        run.report()
                .add(
                        "heap of " + what,
                        replica.gcLog().heap() + (alive ? "" : "; its process has ended"),
                        "<= " + Replica.HEAP_MIB + " MiB",
                        Report.Mark.of(alive));
    }
}
