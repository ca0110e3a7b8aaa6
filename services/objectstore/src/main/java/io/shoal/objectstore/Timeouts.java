package io.shoal.objectstore;

import java.time.Duration;

/**
 * How long the store may take, so that no caller waits without a bound.
 *
 * @param connect to be connected
 * @param silence between two reads or writes on a connection
 * @param call for all of a call that moves at most one segment
 * @param assembly to complete an upload: a server that keeps parts apart copies a whole file then
 */
record Timeouts(Duration connect, Duration silence, Duration call, Duration assembly) {
    static final Timeouts DEFAULT =
            new Timeouts(Duration.ofSeconds(5), Duration.ofSeconds(20), Duration.ofSeconds(60), Duration.ofMinutes(15));
}
