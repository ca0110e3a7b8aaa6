package io.shoal.embedded;

import java.nio.file.Path;
import java.util.List;

/**
 * The classes of a program as the JVM lays them out in memory, kept beside what was built. A run that finds none, or one of
 * another build, writes it when it ends in peace; those that follow map it and need half the work to start.
 */
public final class ClassArchive {
    private ClassArchive() {}

    /** Options of a JVM that runs what was built in {@code module}, a folder of the checkout. */
    public static List<String> options(String module) {
        Path file = Home.checkout().resolve(module).resolve("target/classes.jsa");
        return List.of("-XX:+AutoCreateSharedArchive", "-XX:SharedArchiveFile=" + file);
    }
}
