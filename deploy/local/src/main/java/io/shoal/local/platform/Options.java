package io.shoal.local.platform;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What the user chooses.
 *
 * @param folder that holds everything; made if it is not there
 * @param workers how many, from 1
 * @param trackers how many replicas of the tracker, from 1
 * @param bind address of the listeners, and the one that peers are told
 * @param apiPort of intake; 0 to keep the folder's
 * @param restarts whether a child that dies is followed by another
 * @param environment further variables for every service: configuration that differs from a local platform's usual one
 */
public record Options(
        Path folder,
        int workers,
        int trackers,
        String bind,
        int apiPort,
        boolean restarts,
        S3Choice s3,
        Map<String, String> environment) {
    public static final String LOOPBACK = "127.0.0.1";

    public Options {
        folder = folder.toAbsolutePath().normalize();
        environment = Map.copyOf(environment);
    }

    /** One worker and one tracker on loopback. */
    public static Options in(Path folder) {
        return new Options(folder, 1, 1, LOOPBACK, 0, true, new S3Choice.Bundled(), Map.of());
    }

    /** The same with another number of workers. */
    public Options workers(int count) {
        return new Options(folder, count, trackers, bind, apiPort, restarts, s3, environment);
    }

    /** The same with another number of trackers. */
    public Options trackers(int count) {
        return new Options(folder, workers, count, bind, apiPort, restarts, s3, environment);
    }

    /** The same on another address. */
    public Options bind(String address) {
        return new Options(folder, workers, trackers, address, apiPort, restarts, s3, environment);
    }

    /** The same, and the dead stay dead. */
    public Options withoutRestarts() {
        return new Options(folder, workers, trackers, bind, apiPort, false, s3, environment);
    }

    /** The same over another object store. */
    public Options s3(S3Choice choice) {
        return new Options(folder, workers, trackers, bind, apiPort, restarts, choice, environment);
    }

    /** The same with one variable more. */
    public Options with(String variable, String value) {
        Map<String, String> more = new HashMap<>(environment);
        more.put(variable, value);
        return new Options(folder, workers, trackers, bind, apiPort, restarts, s3, more);
    }
}
