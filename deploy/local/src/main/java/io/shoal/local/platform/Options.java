package io.shoal.local.platform;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The options of a platform.
 *
 * @param folder that holds everything; created if it does not exist
 * @param workers number of workers, from 1
 * @param trackers number of tracker replicas, from 1
 * @param bind address to listen on and to announce to peers
 * @param apiPort of intake; 0 to keep the folder's
 * @param restarts whether a process that dies is restarted
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

    /** The same without restarts of processes that die. */
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
