package io.shoal.chart;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarSource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.shoal.embedded.Home;
import io.shoal.embedded.Server;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * The first pod of a Deployment or StatefulSet, played by a process at an address of its own.
 *
 * @param name of what makes it
 * @param secrets values by {@code secret/key}
 * @param folder where its volumes lie
 */
record Pod(String name, PodSpec spec, String address, Map<String, String> secrets, Path folder) implements Server {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Override
    public void prepare() throws IOException {
        for (VolumeMount mount : container().getVolumeMounts()) {
            Files.createDirectories(folder.resolve(mount.getName()));
        }
    }

    @Override
    public ProcessBuilder command() {
        ProcessBuilder command = new ProcessBuilder(
                Home.java(),
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Home.checkout()
                        .resolve("services")
                        .resolve(container().getName())
                        .resolve("target/quarkus-app/quarkus-run.jar")
                        .toString());
        Map<String, String> environment = command.environment();
        environment.clear();
        environment.put("QUARKUS_HTTP_HOST", address); // the image says 0.0.0.0
        environment.put("QUARKUS_MANAGEMENT_HOST", address);
        for (EnvVar variable : container().getEnv()) {
            environment.put(
                    variable.getName(),
                    variable.getValueFrom() == null ? inVolumes(variable.getValue()) : said(variable.getValueFrom()));
        }
        return command;
    }

    /** Whether all its probes succeed. */
    @Override
    public boolean isReady() {
        return Stream.of(
                        container().getStartupProbe(),
                        container().getReadinessProbe(),
                        container().getLivenessProbe())
                .allMatch(this::succeeds);
    }

    /** Where its port {@code http} is reached. */
    String url() {
        return url("http");
    }

    private String url(String name) {
        return container().getPorts().stream()
                .filter(port -> name.equals(port.getName()))
                .map(port -> "http://" + address + ":" + port.getContainerPort())
                .findFirst()
                .orElseThrow();
    }

    private Container container() {
        return spec.getContainers().getFirst();
    }

    /** A path below a mount lies in our folder. */
    private String inVolumes(String value) {
        for (VolumeMount mount : container().getVolumeMounts()) {
            if (value.startsWith(mount.getMountPath() + "/")) {
                return folder.resolve(mount.getName())
                        + value.substring(mount.getMountPath().length());
            }
        }
        return value;
    }

    private String said(EnvVarSource source) {
        if (source.getSecretKeyRef() != null) {
            String secret = source.getSecretKeyRef().getName() + "/"
                    + source.getSecretKeyRef().getKey();
            return Objects.requireNonNull(secrets.get(secret), secret);
        }
        return switch (source.getFieldRef().getFieldPath()) {
            case "metadata.name" -> name + "-0";
            case "metadata.labels['apps.kubernetes.io/pod-index']" -> "0";
            default -> throw new IllegalArgumentException(source.toString());
        };
    }

    private boolean succeeds(Probe probe) {
        HttpRequest request = HttpRequest.newBuilder(
                        URI.create(url(probe.getHttpGet().getPort().getStrVal())
                                + probe.getHttpGet().getPath()))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return HTTP.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
