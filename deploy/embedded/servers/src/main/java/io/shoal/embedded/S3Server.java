package io.shoal.embedded;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * An S3 endpoint over a folder (S3Proxy) in a JVM of its own.
 *
 * @param folder objects are files below it
 * @param host it listens on
 */
public record S3Server(Path folder, String host, int port, String accessKey, String secretKey) implements Server {
    private static final ClassArchive ARCHIVE = ClassArchive.ofLibraries("deploy/embedded/s3");

    /** A new one on loopback, at a free port. */
    public static S3Server in(Path folder) {
        return new S3Server(folder, "127.0.0.1", Ports.free(), "shoal-test", "shoal-test-secret");
    }

    /** Its URL. */
    public String endpoint() {
        return "http://" + host + ":" + port;
    }

    @Override
    public String name() {
        return "s3";
    }

    @Override
    public void prepare() throws IOException {
        Path objects = Files.createDirectories(folder.resolve("objects"));
        Properties p = new Properties();
        p.setProperty("s3proxy.endpoint", endpoint());
        p.setProperty("s3proxy.authorization", "aws-v2-or-v4");
        p.setProperty("s3proxy.identity", accessKey);
        p.setProperty("s3proxy.credential", secretKey);
        p.setProperty("s3proxy.v4-max-non-chunked-request-size", Long.toString(128L << 20));
        p.setProperty("jclouds.provider", "filesystem-nio2");
        p.setProperty("jclouds.filesystem.basedir", objects.toString());
        try (Writer file = Files.newBufferedWriter(properties())) {
            p.store(file, null);
        }
    }

    @Override
    public ProcessBuilder command() throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Home.java(),
                "-Xms64m",
                "-Xmx320m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-Dlogback.configurationFile=" + Home.checkout().resolve("deploy/embedded/s3/logback.xml")));
        command.addAll(ARCHIVE.options());
        command.addAll(List.of(
                "-cp",
                Home.classPath(ARCHIVE.program()),
                "org.gaul.s3proxy.Main",
                "--properties",
                properties().toString()));
        return new ProcessBuilder(command);
    }

    @Override
    public Optional<ClassArchive> classArchive() {
        return Optional.of(ARCHIVE);
    }

    @Override
    public boolean isReady() {
        return Ports.isOpen(host, port);
    }

    private Path properties() {
        return folder.resolve("s3proxy.properties");
    }
}
