package io.shoal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Locations on this machine: the checkout that was built, the user's cache, the JDK. */
public final class Home {
    private Home() {}

    /** The checkout: {@code -Dshoal.home}, else the nearest folder above the working one that has the script. */
    public static Path checkout() {
        String named = System.getProperty("shoal.home");
        if (named != null) {
            return Path.of(named);
        }
        for (Path at = Path.of("").toAbsolutePath(); at != null; at = at.getParent()) {
            if (Files.isDirectory(at.resolve("deploy/embedded")) && Files.exists(at.resolve("pom.xml"))) {
                return at;
            }
        }
        throw new IllegalStateException("not inside a checkout of Shoal; name it with -Dshoal.home=DIR");
    }

    /** The cache of what is expensive to build and can be built again: {@code $XDG_CACHE_HOME/shoal}, else {@code ~/.cache/shoal}. */
    public static Path cache() {
        String xdg = System.getenv("XDG_CACHE_HOME");
        Path base = xdg == null || xdg.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(xdg);
        return base.resolve("shoal");
    }

    /** The {@code java} that runs this. */
    public static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** The files of {@code folder} as a class path. */
    static String classPath(Path folder) throws IOException {
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.sorted().map(Path::toString).collect(Collectors.joining(":"));
        } catch (java.nio.file.NoSuchFileException e) {
            throw new IOException(folder + " is not built; run ./shoal test or ./shoal demo once", e);
        }
    }

    /** Deletes {@code folder} with its content; does nothing if it does not exist. */
    public static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
