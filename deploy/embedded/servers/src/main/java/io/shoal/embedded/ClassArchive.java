package io.shoal.embedded;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * The classes of one program as the JVM lays them out in memory (class-data sharing): a JVM that maps the archive needs a third
 * less CPU to start.
 *
 * <p>An archive is used only for exactly the jars and the JVM that it was written for. The JVM checks that too, but reports
 * every mismatch as an error and never replaces such an archive. A process without an archive lists the classes that it loads;
 * another process writes the archive from the list. The process itself cannot: at its exit that takes longer than it may take
 * to stop, and earlier (jcmd VM.cds dynamic_dump) JDK 25 may crash afterwards.
 *
 * @param file the archive
 * @param program folder with all jars of the program
 * @param runnable jar in {@code program} that is run with {@code -jar}; empty if all jars of the folder are the class path
 */
public record ClassArchive(Path file, Path program, String runnable) {
    private static final long WRITE_SECONDS = 120;

    /** The archive of a Quarkus service that was built in {@code module}, a folder of the checkout. */
    public static ClassArchive ofService(String module) {
        return of(module, "target/quarkus-app", "quarkus-run.jar");
    }

    /** The archive of a program of {@code module} whose class path is its {@code target/lib}. */
    static ClassArchive ofLibraries(String module) {
        return of(module, "target/lib", "");
    }

    private static ClassArchive of(String module, String program, String runnable) {
        Path folder = Home.checkout().resolve(module);
        return new ClassArchive(folder.resolve("target/classes.jsa"), folder.resolve(program), runnable);
    }

    /** Options of a JVM that runs the program: it uses the archive, or lists its classes. Deletes an archive of other jars. */
    public List<String> options() throws IOException {
        if (isCurrent()) {
            return List.of("-XX:SharedArchiveFile=" + file);
        }
        Files.deleteIfExists(stamp());
        Files.deleteIfExists(file);
        return List.of("-XX:DumpLoadedClassList=" + file + ".%p.list"); // %p: "pid" and the number
    }

    /** Whether the archive exists and was written for these jars and this JVM. */
    public boolean isCurrent() throws IOException {
        return Files.exists(file)
                && Files.exists(stamp())
                && Files.readString(stamp()).equals(fingerprint());
    }

    /**
     * Writes the archive from the classes that the process {@code pid}, started with {@link #options}, has loaded so far; does
     * nothing if there is a current one. Takes some seconds of CPU. Returns whether the archive is current now.
     *
     * @param nice 0 to 19, the least urgent
     */
    public boolean write(long pid, int nice) throws IOException, InterruptedException {
        Path loaded = sibling("pid" + pid + ".list");
        if (isCurrent() || !Files.exists(loaded)) {
            return isCurrent();
        }
        String fingerprint = fingerprint();
        Path list = sibling(pid + ".complete");
        Path fresh = sibling(pid + ".new");
        Process dump = null;
        try {
            Files.writeString(list, completeLines(loaded));
            dump = new ProcessBuilder(
                            "nice",
                            "-n",
                            Integer.toString(nice),
                            Home.java(),
                            "-Xmx512m",
                            "-XX:+UseSerialGC",
                            "-XX:+UseCompactObjectHeaders",
                            "-Xshare:dump",
                            "-XX:SharedClassListFile=" + list,
                            "-XX:SharedArchiveFile=" + fresh,
                            "-cp",
                            runnable.isEmpty()
                                    ? Home.classPath(program)
                                    : program.resolve(runnable).toString())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!dump.waitFor(WRITE_SECONDS, TimeUnit.SECONDS) || dump.exitValue() != 0) {
                return false;
            }
            Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
            Files.writeString(stamp(), fingerprint);
            deleteLists();
            return true;
        } finally {
            if (dump != null) {
                dump.destroyForcibly();
            }
            Files.deleteIfExists(list);
            Files.deleteIfExists(fresh);
        }
    }

    /** The process goes on writing: its last line may be cut. */
    private static String completeLines(Path list) throws IOException {
        String text = Files.readString(list, StandardCharsets.UTF_8);
        return text.substring(0, text.lastIndexOf('\n') + 1);
    }

    private void deleteLists() throws IOException {
        try (DirectoryStream<Path> lists =
                Files.newDirectoryStream(file.resolveSibling(""), file.getFileName() + ".*.list")) {
            for (Path list : lists) {
                Files.deleteIfExists(list);
            }
        }
    }

    private Path stamp() {
        return sibling("stamp");
    }

    private Path sibling(String suffix) {
        return file.resolveSibling(file.getFileName() + "." + suffix);
    }

    /** What the JVM compares: itself, and the path, size and time of every jar. */
    private String fingerprint() throws IOException {
        try (Stream<Path> files = Files.walk(program)) {
            List<Path> jars = files.filter(path -> path.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
            StringBuilder text = new StringBuilder(Home.java() + " " + Runtime.version() + "\n");
            for (Path jar : jars) {
                BasicFileAttributes attributes = Files.readAttributes(jar, BasicFileAttributes.class);
                text.append("%s %d %s%n".formatted(jar, attributes.size(), attributes.lastModifiedTime()));
            }
            return text.toString();
        }
    }
}
