package io.shoal.chart;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.shoal.embedded.Home;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** The first pod of a Deployment or StatefulSet, played by a process at an address of its own. */
record Pod(String name, Container container, String url, Process process, Path log) implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(30);

    /**
     * Starts it.
     *
     * @param set the name of what makes it
     * @param secrets values by {@code secret/key}
     * @param folder where its volumes lie
     */
    static Pod start(String set, PodSpec spec, String address, Map<String, String> secrets, Path folder)
            throws IOException {
        Container container = spec.getContainers().getFirst();
        Path volumes = folder.resolve(set);
        Path log = folder.resolve(set + ".log");
        ProcessBuilder command = new ProcessBuilder(
                        Home.java(),
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-jar",
                        Home.checkout()
                                .resolve("services")
                                .resolve(container.getName())
                                .resolve("target/quarkus-app/quarkus-run.jar")
                                .toString())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        command.environment().clear();
        command.environment().put("QUARKUS_HTTP_HOST", address); // the image says 0.0.0.0
        for (EnvVar variable : container.getEnv()) {
            String value =
                    variable.getValueFrom() == null ? variable.getValue() : said(variable.getValueFrom(), set, secrets);
            for (VolumeMount mount : container.getVolumeMounts()) {
                if (value.startsWith(mount.getMountPath() + "/")) {
                    Path volume = Files.createDirectories(volumes.resolve(mount.getName()));
                    value = volume + value.substring(mount.getMountPath().length());
                }
            }
            command.environment().put(variable.getName(), value);
        }
        int port = container.getPorts().stream()
                .filter(each -> "http".equals(each.getName()))
                .map(ContainerPort::getContainerPort)
                .findFirst()
                .orElseThrow();
        return new Pod(set, container, "http://" + address + ":" + port, command.start(), log);
    }

    private static String said(EnvVarSource source, String set, Map<String, String> secrets) {
        if (source.getSecretKeyRef() != null) {
            String secret = source.getSecretKeyRef().getName() + "/"
                    + source.getSecretKeyRef().getKey();
            return Objects.requireNonNull(secrets.get(secret), secret);
        }
        return switch (source.getFieldRef().getFieldPath()) {
            case "metadata.name" -> set + "-0";
            case "metadata.labels['apps.kubernetes.io/pod-index']" -> "0";
            default -> throw new IllegalArgumentException(source.toString());
        };
    }

    /** Four free ports in a row: the first one. */
    static int fourPorts() throws IOException {
        for (int first = 24_000; ; first += 4) {
            if (isFree(first) && isFree(first + 1) && isFree(first + 2) && isFree(first + 3)) {
                return first;
            }
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Returns when all its probes succeed. */
    void awaitProbes(Duration patience) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        for (Probe probe :
                List.of(container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe())) {
            while (!succeeds(probe)) {
                if (!process.isAlive() || System.nanoTime() > deadline) {
                    throw new AssertionError("%s: %s does not succeed%n%s"
                            .formatted(name, probe.getHttpGet().getPath(), Files.readString(log)));
                }
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private boolean succeeds(Probe probe) throws InterruptedException {
        try (HttpClient http =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            return http.send(
                                    HttpRequest.newBuilder(URI.create(
                                                    url + probe.getHttpGet().getPath()))
                                            .timeout(Duration.ofSeconds(5))
                                            .build(),
                                    BodyHandlers.discarding())
                            .statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
