package io.shoal.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ServiceAccount;
import io.fabric8.kubernetes.api.model.ServiceAccountTokenProjection;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator's values file becomes. */
class ChartValuesTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    /** In a values file, not by --set: helm reads numbers of files as floating point. */
    @Test
    void everyNumberIsRenderedAsItIsWritten() throws Exception {
        JsonNode values =
                Serialization.unmarshal(Files.readString(Chart.FOLDER.resolve("values.yaml")), JsonNode.class);
        List<List<String>> numbers = new ArrayList<>();
        collectNumbers(values, List.of(), numbers);
        assertThat(numbers).contains(List.of("tracker", "burst"), List.of("postgres", "intake", "poolSize"));
        for (List<String> path : numbers) {
            long number = Math.min(1_000_000, maximum(path));
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < path.size(); i++) {
                String value = i == path.size() - 1 ? " " + number : "";
                lines.append("  ".repeat(i))
                        .append(path.get(i))
                        .append(':')
                        .append(value)
                        .append('\n');
            }
            String yaml = lines.toString();
            String rendered = template(yaml) // with what is rendered only if it is asked for
                    .set("s3.existingSecret", "")
                    .set("s3.webIdentity.enabled", true)
                    .call();
            assertThat(rendered).as(yaml).doesNotContainPattern("[0-9]e\\+[0-9]");
            assertThat(Pattern.compile("(?<![0-9])" + number + "(?![0-9])")
                            .matcher(rendered)
                            .find())
                    .as(yaml)
                    .isTrue();
        }
    }

    @Test
    void kafkasSettingsReachEveryPodAndSecretsComeFromSecrets() throws Exception {
        String rendered = render("""
                kafka:
                  settings:
                    security.protocol: SASL_SSL
                    sasl.mechanism: SCRAM-SHA-512
                    ssl.truststore.location: /etc/kafka-tls/truststore.p12
                    fetch.max.bytes: 104857600
                extraEnvFrom:
                  - secretRef: { name: kafka-client }
                extraVolumes:
                  - { name: kafka-tls, secret: { secretName: kafka-tls } }
                extraVolumeMounts:
                  - { name: kafka-tls, mountPath: /etc/kafka-tls, readOnly: true }
                storage:
                  extraEnvFrom:
                    - secretRef: { name: storage-only }
                  extraVolumes:
                    - { name: bundle, configMap: { name: bundle } }
                  extraVolumeMounts:
                    - { name: bundle, mountPath: /etc/bundle }
                """);
        Map<String, PodTemplateSpec> pods = Chart.pods(rendered);
        assertThat(pods).hasSize(4);
        pods.forEach((name, pod) -> {
            Container container = pod.getSpec().getContainers().getFirst();
            assertThat(variables(container))
                    .as(name)
                    .containsEntry("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
                    .containsEntry("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512")
                    .containsEntry("KAFKA_SSL_TRUSTSTORE_LOCATION", "/etc/kafka-tls/truststore.p12")
                    .containsEntry("KAFKA_FETCH_MAX_BYTES", "104857600");
            boolean storage = name.equals("shoal-storage");
            assertThat(container.getEnvFrom())
                    .as(name)
                    .extracting(source -> source.getSecretRef().getName())
                    .containsExactlyElementsOf(
                            storage ? List.of("kafka-client", "storage-only") : List.of("kafka-client"));
            assertThat(container.getVolumeMounts())
                    .as(name)
                    .extracting(mount -> mount.getMountPath())
                    .contains("/tmp", "/etc/kafka-tls");
            assertThat(pod.getSpec().getVolumes())
                    .as(name)
                    .extracting(volume -> volume.getName())
                    .contains("tmp", "kafka-tls");
            assertThat(pod.getSpec().getVolumes().stream()
                            .anyMatch(volume -> volume.getName().equals("bundle")))
                    .isEqualTo(storage);
        });
    }

    @Test
    void podsThatUseS3ShowTheTokenOfTheirServiceAccountInsteadOfAKey() throws Exception {
        String rendered = render("""
                s3:
                  existingSecret: ""
                  region: eu-central-1
                  stsEndpoint: https://sts.example
                  webIdentity:
                    enabled: true
                    roleArn: arn:aws:iam::123456789012:role/shoal
                    audience: minio
                    tokenSeconds: 7200
                extraVolumes:
                  - { name: tls, secret: { secretName: tls } }
                """);
        Chart.pods(rendered).forEach((name, pod) -> {
            Container container = pod.getSpec().getContainers().getFirst();
            assertThat(container.getEnv())
                    .as(name)
                    .extracting(EnvVar::getName)
                    .doesNotContain("SHOAL_S3_ACCESS_KEY", "SHOAL_S3_SECRET_KEY");
            List<Volume> identities = pod.getSpec().getVolumes().stream()
                    .filter(volume -> volume.getName().equals("s3-identity"))
                    .toList();
            if (name.equals("shoal-tracker")) {
                assertThat(identities).isEmpty();
                assertThat(variables(container)).doesNotContainKey("AWS_WEB_IDENTITY_TOKEN_FILE");
                return;
            }
            assertThat(variables(container))
                    .as(name)
                    .containsEntry("SHOAL_S3_STS_ENDPOINT", "https://sts.example")
                    .containsEntry("AWS_REGION", "eu-central-1")
                    .containsEntry("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/shoal")
                    .containsEntry("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/secrets/shoal/s3-token");
            assertThat(identities).as(name).singleElement().satisfies(volume -> {
                ServiceAccountTokenProjection token =
                        volume.getProjected().getSources().getFirst().getServiceAccountToken();
                assertThat(token.getAudience()).isEqualTo("minio");
                assertThat(token.getExpirationSeconds()).isEqualTo(7200);
                assertThat(token.getPath()).isEqualTo("s3-token");
            });
            assertThat(container.getVolumeMounts())
                    .as(name)
                    .extracting(mount -> mount.getName() + " " + mount.getMountPath())
                    .contains("s3-identity /var/run/secrets/shoal");
            assertThat(pod.getSpec().getVolumes()).extracting(Volume::getName).contains("tmp", "tls");
        });
        assertThatThrownBy(() -> render("s3: { webIdentity: { enabled: true } }\n"))
                .hasMessageContaining("s3.webIdentity.enabled needs an empty s3.existingSecret");
    }

    @Test
    void eachComponentHasAServiceAccountWithItsAnnotations() throws Exception {
        String rendered = render("""
                s3: { existingSecret: "" }
                storage:
                  serviceAccount:
                    annotations:
                      eks.amazonaws.com/role-arn: arn:aws:iam::123456789012:role/storage
                swarm:
                  serviceAccount: { create: false, name: workers }
                tracker:
                  serviceAccount: { create: false }
                """);
        Map<String, String> accounts = new HashMap<>();
        Chart.pods(rendered)
                .forEach((name, pod) -> accounts.put(name, pod.getSpec().getServiceAccountName()));
        assertThat(accounts)
                .containsOnly(
                        Map.entry("shoal-intake", "shoal-intake"),
                        Map.entry("shoal-storage", "shoal-storage"),
                        Map.entry("shoal-swarm", "workers"),
                        Map.entry("shoal-tracker", "default"));
        Map<String, Map<String, String>> created = new HashMap<>();
        Chart.objects(rendered).stream()
                .filter(ServiceAccount.class::isInstance)
                .map(object -> object.getMetadata())
                .forEach(account -> created.put(account.getName(), account.getAnnotations()));
        assertThat(created)
                .containsOnlyKeys("shoal-intake", "shoal-storage")
                .containsEntry(
                        "shoal-storage",
                        Map.of("eks.amazonaws.com/role-arn", "arn:aws:iam::123456789012:role/storage"));
    }

    @Test
    void anIngressHasItsClassAndAnnotations() throws Exception {
        String rendered = render("""
                intake:
                  ingress:
                    enabled: true
                    className: nginx
                    annotations:
                      nginx.ingress.kubernetes.io/proxy-body-size: 101m
                storage:
                  ingress:
                    enabled: true
                    annotations:
                      nginx.ingress.kubernetes.io/proxy-buffering: "off"
                """);
        List<Ingress> ingresses = Chart.objects(rendered).stream()
                .filter(Ingress.class::isInstance)
                .map(Ingress.class::cast)
                .toList();
        assertThat(ingresses).hasSize(2);
        assertThat(ingresses.getFirst().getSpec().getIngressClassName()).isEqualTo("nginx");
        assertThat(ingresses.getFirst().getMetadata().getAnnotations())
                .containsOnly(Map.entry("nginx.ingress.kubernetes.io/proxy-body-size", "101m"));
        assertThat(ingresses.getLast().getMetadata().getAnnotations())
                .containsOnly(Map.entry("nginx.ingress.kubernetes.io/proxy-buffering", "off"));
    }

    /** New connections and requests in flight survive a rolling update. */
    @Test
    void aPodServesUntilItIsDroppedAndThenEndsWithinItsGrace() throws Exception {
        Map<String, PodTemplateSpec> pods = Chart.pods(render(""));
        for (String name : List.of("shoal-intake", "shoal-storage", "shoal-tracker")) {
            assertThat(container(pods, name)
                            .getLifecycle()
                            .getPreStop()
                            .getSleep()
                            .getSeconds())
                    .as(name)
                    .isEqualTo(5);
        }
        assertThat(container(pods, "shoal-swarm").getLifecycle()).isNull();
        for (String name : List.of("shoal-intake", "shoal-storage")) {
            PodSpec pod = Objects.requireNonNull(pods.get(name)).getSpec();
            String timeout = variables(pod.getContainers().getFirst()).get("QUARKUS_SHUTDOWN_TIMEOUT");
            assertThat(timeout).as(name).isNotNull().matches("[0-9]+s");
            assertThat(pod.getTerminationGracePeriodSeconds())
                    .as(name)
                    .isGreaterThan(5 + Long.parseLong(timeout.replace("s", "")));
        }
        PodTemplateSpec longer = Chart.pods(
                        render("preStopSeconds: 0\nintake: { terminationGracePeriodSeconds: 77 }\n"))
                .get("shoal-intake");
        PodSpec changed = Objects.requireNonNull(longer).getSpec();
        assertThat(changed.getTerminationGracePeriodSeconds()).isEqualTo(77);
        assertThat(changed.getContainers().getFirst().getLifecycle()).isNull();
    }

    /** A migration at the start may take minutes, and a pod that is killed in the middle begins it again. */
    @Test
    void aPodMayTakeItsTimeToStart() throws Exception {
        for (String values : List.of("", "startupSeconds: 3600\n")) {
            int seconds = values.isEmpty() ? 600 : 3600;
            Chart.pods(render(values)).forEach((name, pod) -> {
                Probe startup = pod.getSpec().getContainers().getFirst().getStartupProbe();
                assertThat(startup.getPeriodSeconds() * startup.getFailureThreshold())
                        .as(name)
                        .isEqualTo(seconds);
            });
        }
    }

    @Test
    void theConnectionPoolsAreValues() throws Exception {
        Map<String, PodTemplateSpec> pods =
                Chart.pods(render("postgres: { intake: { poolSize: 7 }, storage: { poolSize: 9 } }\n"));
        assertThat(variables(container(pods, "shoal-intake"))).containsEntry("QUARKUS_DATASOURCE_JDBC_MAX_SIZE", "7");
        assertThat(variables(container(pods, "shoal-storage"))).containsEntry("QUARKUS_DATASOURCE_JDBC_MAX_SIZE", "9");
    }

    @Test
    void aVariableThatIsNoStringAndAForeignSettingAreRefused() {
        assertThatThrownBy(() -> render("intake: { extraEnv: [{ name: A, value: 1000000 }] }\n"))
                .hasMessageContaining("extraEnv");
        assertThatThrownBy(() -> render("kafka: { settings: { bootstrap.servers: elsewhere } }\n"))
                .hasMessageContaining("bootstrap.servers");
    }

    private String render(String values) throws Exception {
        return template(values).call();
    }

    private TemplateCommand template(String values) throws Exception {
        Path file = Files.writeString(folder.resolve("values.yaml"), values);
        return Chart.template().withValuesFile(file);
    }

    private static Container container(Map<String, PodTemplateSpec> pods, String name) {
        return Objects.requireNonNull(pods.get(name)).getSpec().getContainers().getFirst();
    }

    private static Map<String, String> variables(Container container) {
        Map<String, String> variables = new HashMap<>();
        for (EnvVar variable : container.getEnv()) {
            if (variable.getValue() != null) {
                variables.put(variable.getName(), variable.getValue());
            }
        }
        return variables;
    }

    private static void collectNumbers(JsonNode node, List<String> path, List<List<String>> numbers) {
        if (node.isNumber()) {
            numbers.add(path);
        }
        node.properties().forEach(child -> {
            List<String> below = new ArrayList<>(path);
            below.add(child.getKey());
            collectNumbers(child.getValue(), below, numbers);
        });
    }

    /** The largest number that the schema allows at {@code path}. */
    private static long maximum(List<String> path) throws Exception {
        JsonNode schema =
                JSON.readTree(Chart.FOLDER.resolve("values.schema.json").toFile());
        JsonNode node = schema;
        for (String name : path) {
            node = resolved(schema, node).path("properties").path(name);
        }
        node = resolved(schema, node);
        assertThat(node.path("type").asText()).as("type of %s", path).isEqualTo("integer");
        return node.path("maximum").asLong(Long.MAX_VALUE);
    }

    private static JsonNode resolved(JsonNode schema, JsonNode node) {
        return node.has("$ref") ? schema.at(node.path("$ref").asText().substring(1)) : node;
    }
}
