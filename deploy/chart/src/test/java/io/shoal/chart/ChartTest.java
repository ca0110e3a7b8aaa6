package io.shoal.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.LintResult;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResource;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeMount;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.networking.v1.IPBlock;
import io.fabric8.kubernetes.api.model.networking.v1.Ingress;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyEgressRule;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicyPeer;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What the chart renders. Each object must be one that Kubernetes knows, in every field: what a model has no field for lands
 * in its {@code additionalProperties}, and a rendered object with any fails.
 */
class ChartTest {
    private static final Path MANIFESTS = Path.of("..", "..", "k8s", "shoal.yaml");

    @Test
    void lints() {
        LintResult lint = new Helm(Chart.FOLDER).lint().strict().call();
        assertThat(lint.isFailed())
                .as(() -> String.join("\n", lint.getMessages()))
                .isFalse();
    }

    @Test
    void everyFieldIsOneThatKubernetesKnows() throws Exception {
        String everything = Chart.template()
                .set("intake.ingress.enabled", true)
                .set("storage.ingress.enabled", true)
                .set("swarm.egressAllow[0]", "10.9.0.0/16")
                .set("intake.egressAllow[0]", "10.8.0.0/16")
                .set("image.registry", "registry.example")
                .set("s3.existingSecret", "")
                .set("s3.stsEndpoint", "https://sts.example")
                .set("s3.webIdentity.enabled", true)
                .set("s3.webIdentity.roleArn", "arn:aws:iam::123456789012:role/shoal")
                .set("storage.serviceAccount.annotations.a", "b")
                .set("image.pullSecrets[0]", "pull")
                .set("intake.ingress.annotations.a", "b")
                .set("extraEnvFrom[0].secretRef.name", "kafka-client")
                .set("extraVolumes[0].name", "tls")
                .set("extraVolumes[0].secret.secretName", "tls")
                .set("extraVolumeMounts[0].name", "tls")
                .set("extraVolumeMounts[0].mountPath", "/etc/tls")
                .set("tracker.extraEnv[0].name", "SHOAL_TRACKER_OPEN")
                .set("tracker.extraEnv[0].value", "'true'")
                .call();
        for (HasMetadata object : Chart.objects(everything)) {
            assertNothingUnknown(object.getKind() + "/" + object.getMetadata().getName(), object);
        }
    }

    @Test
    void podsAreUnprivilegedAndWriteNowhere() throws Exception {
        List<PodTemplateSpec> pods =
                Chart.pods(Chart.template().call()).values().stream().toList();
        assertThat(pods).hasSize(4).allSatisfy(pod -> {
            assertThat(pod.getSpec().getSecurityContext().getRunAsNonRoot()).isTrue();
            assertThat(pod.getSpec().getSecurityContext().getRunAsUser()).isEqualTo(10001);
            assertThat(pod.getSpec().getSecurityContext().getSeccompProfile().getType())
                    .isEqualTo("RuntimeDefault");
            assertThat(pod.getSpec().getAutomountServiceAccountToken()).isFalse();
            Container container = pod.getSpec().getContainers().getFirst();
            assertThat(container.getSecurityContext().getReadOnlyRootFilesystem())
                    .isTrue();
            assertThat(container.getSecurityContext().getAllowPrivilegeEscalation())
                    .isFalse();
            assertThat(container.getSecurityContext().getCapabilities().getDrop())
                    .containsExactly("ALL");
            assertThat(container.getResources().getLimits()).containsKey("memory");
            assertThat(container.getStartupProbe().getHttpGet().getPath()).isEqualTo("/q/health/started");
            assertThat(container.getReadinessProbe().getHttpGet().getPath()).isEqualTo("/q/health/ready");
            assertThat(container.getLivenessProbe().getHttpGet().getPath()).isEqualTo("/q/health/live");
        });
    }

    @Test
    void healthAndMetricsHaveAPortThatNothingPublicLeadsTo() throws Exception {
        List<HasMetadata> objects = Chart.objects(Chart.template()
                .set("intake.ingress.enabled", true)
                .set("storage.ingress.enabled", true)
                .call());
        Map<String, PodTemplateSpec> pods = Chart.pods(Chart.template().call());
        assertThat(pods.values()).hasSize(4).allSatisfy(pod -> {
            Container container = pod.getSpec().getContainers().getFirst();
            assertThat(container.getPorts()).anySatisfy(port -> {
                assertThat(port.getName()).isEqualTo("management");
                assertThat(port.getContainerPort()).isEqualTo(9000);
            });
            assertThat(List.of(
                            container.getStartupProbe(), container.getReadinessProbe(), container.getLivenessProbe()))
                    .allSatisfy(probe ->
                            assertThat(probe.getHttpGet().getPort().getStrVal()).isEqualTo("management"));
            assertThat(pod.getMetadata().getAnnotations())
                    .containsEntry("prometheus.io/scrape", "true")
                    .containsEntry("prometheus.io/port", "9000")
                    .containsEntry("prometheus.io/path", "/q/metrics");
        });
        List<Service> services = ofType(objects, Service.class);
        assertThat(services)
                .filteredOn(service -> !"None".equals(service.getSpec().getClusterIP()))
                .isNotEmpty()
                .flatExtracting(service -> service.getSpec().getPorts())
                .noneMatch(port -> "management".equals(port.getTargetPort().getStrVal())
                        || Integer.valueOf(9000).equals(port.getTargetPort().getIntVal()));
        assertThat(ofType(objects, Ingress.class))
                .hasSize(2)
                .flatExtracting(ingress -> ingress.getSpec().getRules())
                .flatExtracting(rule -> rule.getHttp().getPaths())
                .allMatch(path ->
                        "http".equals(path.getBackend().getService().getPort().getName()));
        List<NetworkPolicy> policies = ofType(objects, NetworkPolicy.class).stream()
                .filter(policy -> policy.getSpec().getPolicyTypes().contains("Ingress"))
                .toList();
        assertThat(policies)
                .hasSize(4)
                .allSatisfy(policy -> assertThat(policy.getSpec().getIngress())
                        .filteredOn(rule -> rule.getPorts().stream()
                                .anyMatch(port ->
                                        "management".equals(port.getPort().getStrVal())))
                        .singleElement()
                        .satisfies(rule -> assertThat(rule.getFrom()).isNotEmpty()));
    }

    @Test
    void annotationsOfTheOperatorGoBeforeThoseForPrometheus() throws Exception {
        assertThat(Chart.pods(Chart.template()
                                .set("podAnnotations.prometheus\\.io/scrape", "never")
                                .call())
                        .values())
                .allSatisfy(pod ->
                        assertThat(pod.getMetadata().getAnnotations()).containsEntry("prometheus.io/scrape", "never"));
    }

    @Test
    void noSecretIsInTheManifests() throws Exception {
        for (PodTemplateSpec pod : Chart.pods(Chart.template().call()).values()) {
            for (var variable : pod.getSpec().getContainers().getFirst().getEnv()) {
                if (variable.getName().matches(".*(KEYS?|PASSWORD|USERNAME)$")) {
                    assertThat(variable.getValue()).as(variable.getName()).isNull();
                    assertThat(variable.getValueFrom().getSecretKeyRef()).isNotNull();
                }
            }
        }
    }

    @Test
    void workersReachPeersOverEveryProtocolAndFamily() throws Exception {
        NetworkPolicy policy = Chart.objects(
                        Chart.template().set("networkPolicy.enabled", true).call())
                .stream()
                .filter(NetworkPolicy.class::isInstance)
                .map(NetworkPolicy.class::cast)
                .findFirst()
                .orElseThrow();
        var toPeers = policy.getSpec().getEgress().getLast();
        assertThat(toPeers.getPorts()).as("TCP and UDP, any port").isEmpty();
        assertThat(toPeers.getTo()).extracting(to -> to.getIpBlock().getCidr()).contains("0.0.0.0/0", "2000::/3");
    }

    @Test
    void eachWorkerIsReachedAtThePortsThatItListensOn() throws Exception {
        String rendered = Chart.template()
                .set("swarm.replicas", 3)
                .set("swarm.basePort", 31000)
                .call();
        Map<String, Service> services = new TreeMap<>();
        Chart.objects(rendered).stream()
                .filter(Service.class::isInstance)
                .forEach(service -> services.put(service.getMetadata().getName(), (Service) service));
        for (int worker = 0; worker < 3; worker++) {
            Service service = Objects.requireNonNull(services.get("shoal-swarm-" + worker));
            int first = 31000 + 4 * worker;
            assertThat(service.getSpec().getExternalTrafficPolicy()).isEqualTo("Local");
            assertThat(service.getSpec().getSelector())
                    .containsEntry("statefulset.kubernetes.io/pod-name", "shoal-swarm-" + worker);
            assertThat(service.getSpec().getIpFamilyPolicy()).isEqualTo("PreferDualStack");
            for (String protocol : List.of("TCP", "UDP")) {
                assertThat(service.getSpec().getPorts())
                        .filteredOn(port -> port.getProtocol().equals(protocol))
                        .extracting(port -> port.getNodePort())
                        .containsExactly(first, first + 1, first + 2, first + 3);
            }
            assertThat(service.getSpec().getPorts())
                    .extracting(port -> port.getName())
                    .doesNotHaveDuplicates();
            assertThat(service.getSpec().getPorts())
                    .allSatisfy(
                            port -> assertThat(port.getTargetPort().getIntVal()).isEqualTo(port.getNodePort()));
        }
    }

    @Test
    void aWorkerMayTakeItsTimeToStoreWhatIsOpen() throws Exception {
        StatefulSet swarm = statefulSet("shoal-swarm");
        assertThat(swarm.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        assertThat(swarm.getSpec().getTemplate().getSpec().getTerminationGracePeriodSeconds())
                .isEqualTo(90);
    }

    @Test
    void aWorkerReadsFromItsPodsAnnotationThatItLeaves() throws Exception {
        PodSpec pod = Objects.requireNonNull(Chart.pods(Chart.template().call()).get("shoal-swarm"))
                .getSpec();
        Container container = pod.getContainers().getFirst();
        String file = container.getEnv().stream()
                .filter(variable -> variable.getName().equals("SHOAL_LEAVE_FILE"))
                .map(EnvVar::getValue)
                .findFirst()
                .orElseThrow();
        VolumeMount mount = container.getVolumeMounts().stream()
                .filter(each -> file.startsWith(each.getMountPath() + "/"))
                .findFirst()
                .orElseThrow();
        Volume volume = pod.getVolumes().stream()
                .filter(each -> each.getName().equals(mount.getName()))
                .findFirst()
                .orElseThrow();
        assertThat(volume.getDownwardAPI().getItems()).singleElement().satisfies(item -> {
            assertThat(mount.getMountPath() + "/" + item.getPath()).isEqualTo(file);
            assertThat(item.getFieldRef().getFieldPath()).isEqualTo("metadata.annotations['shoal.io/leave']");
        });
    }

    @Test
    void aTrackersReplicaNumberIsItsPodsAndItsConnectionKeysAreThoseOfAll() throws Exception {
        StatefulSet tracker = statefulSet("shoal-tracker");
        assertThat(tracker.getSpec().getReplicas()).isEqualTo(2);
        assertThat(tracker.getSpec().getPodManagementPolicy()).isEqualTo("Parallel");
        var environment = tracker.getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst()
                .getEnv();
        assertThat(environment)
                .anySatisfy(variable -> {
                    assertThat(variable.getName()).isEqualTo("SHOAL_TRACKER_REPLICA");
                    assertThat(variable.getValueFrom().getFieldRef().getFieldPath())
                            .isEqualTo("metadata.labels['apps.kubernetes.io/pod-index']");
                })
                .anySatisfy(variable -> {
                    assertThat(variable.getName()).isEqualTo("SHOAL_TRACKER_CONNECTION_KEYS");
                    assertThat(variable.getValueFrom().getSecretKeyRef().getKey())
                            .isEqualTo("connection-keys");
                });
    }

    @Test
    void aValueThatTheSchemaForbidsIsRefused() {
        assertThatThrownBy(() ->
                        Chart.template().set("storage.publicUrl", "nowhere").call())
                .hasMessageContaining("publicUrl");
        assertThatThrownBy(() -> Chart.template().set("swarm.replica", 3).call())
                .hasMessageContaining("replica");
        assertThatThrownBy(() -> Chart.template().set("tracker.replicas", 257).call())
                .hasMessageContaining("replicas");
        assertThatThrownBy(() -> Chart.template().set("tracker.rate", 1001).call())
                .hasMessageContaining("rate");
        assertThatThrownBy(() ->
                        Chart.template().set("swarm.scratch.size", "383Mi").call())
                .hasMessageContaining("swarm.scratch.size must be 384Mi or more");
    }

    private static Optional<NetworkPolicy> policy(String rendered, String name) {
        return Chart.objects(rendered).stream()
                .filter(NetworkPolicy.class::isInstance)
                .map(NetworkPolicy.class::cast)
                .filter(policy -> policy.getMetadata().getName().equals(name))
                .filter(policy -> policy.getSpec().getPolicyTypes().contains("Egress"))
                .findFirst();
    }

    private static List<IPBlock> blocks(NetworkPolicy policy) {
        return policy.getSpec().getEgress().stream()
                .flatMap(rule -> rule.getTo().stream())
                .map(NetworkPolicyPeer::getIpBlock)
                .toList();
    }

    private static Map<String, String> environment(String rendered, String pod) {
        Map<String, String> variables = new TreeMap<>();
        Objects.requireNonNull(Chart.pods(rendered).get(pod)).getSpec().getContainers().getFirst().getEnv().stream()
                .filter(variable -> variable.getValue() != null)
                .forEach(variable -> variables.put(variable.getName(), variable.getValue()));
        return variables;
    }

    @Test
    void workersEncryptAsTheOperatorWants() throws Exception {
        assertThat(environment(Chart.template().call(), "shoal-swarm"))
                .containsEntry("SHOAL_PEER_ENCRYPTION", "allowed");
        assertThat(environment(
                        Chart.template().set("swarm.encryption", "required").call(), "shoal-swarm"))
                .containsEntry("SHOAL_PEER_ENCRYPTION", "required");
        assertThat(environment(Chart.template().set("swarm.encryption", false).call(), "shoal-swarm"))
                .as("what YAML makes of off")
                .containsEntry("SHOAL_PEER_ENCRYPTION", "off");
    }

    @Test
    void intakeFetchesUrlsFromPublicAddressesAndThoseThatTheOperatorAllows() throws Exception {
        String rendered = Chart.template()
                .set("intake.egressAllow[0]", "10.8.0.0/16")
                .set("intake.egressAllow[1]", "fd00:8::/32")
                .call();
        NetworkPolicy intake = policy(rendered, "shoal-intake").orElseThrow();
        assertThat(intake.getSpec().getPodSelector().getMatchLabels())
                .containsEntry("app.kubernetes.io/component", "intake");
        assertThat(blocks(intake))
                .extracting(IPBlock::getCidr)
                .containsExactly("0.0.0.0/0", "2000::/3", "10.8.0.0/16", "fd00:8::/32");
        assertThat(blocks(intake).getFirst().getExcept()).contains("10.0.0.0/8", "169.254.0.0/16", "127.0.0.0/8");
        assertThat(blocks(policy(rendered, "shoal-swarm").orElseThrow()))
                .as("each has its own")
                .isEqualTo(blocks(intake).subList(0, 2));
        assertThat(intake.getSpec().getEgress())
                .flatExtracting(NetworkPolicyEgressRule::getPorts)
                .extracting(port -> port.getPort().getIntVal())
                .as("names, Kafka, the store, the database")
                .contains(53, 9092, 9000, 5432);
        assertThat(environment(rendered, "shoal-intake"))
                .containsEntry("SHOAL_FETCH_ENABLED", "true")
                .containsEntry("SHOAL_EGRESS_ALLOW", "10.8.0.0/16,fd00:8::/32");

        String disabled = Chart.template().set("intake.fetchUrls", false).call();
        assertThat(policy(disabled, "shoal-intake")).isEmpty();
        assertThat(environment(disabled, "shoal-intake"))
                .containsEntry("SHOAL_FETCH_ENABLED", "false")
                .doesNotContainKey("SHOAL_EGRESS_ALLOW");
    }

    @Test
    void theMemoryOfAWorkerFitsItsPod() throws Exception {
        Container container = statefulSet("shoal-swarm")
                .getSpec()
                .getTemplate()
                .getSpec()
                .getContainers()
                .getFirst();
        long limit = Quantity.getAmountInBytes(
                        container.getResources().getLimits().get("memory"))
                .longValueExact();
        Map<String, String> variables = new TreeMap<>();
        container.getEnv().forEach(variable -> variables.put(variable.getName(), variable.getValue()));
        Matcher options = Pattern.compile("-XX:MaxRAMPercentage=(\\d+) -XX:MaxDirectMemorySize=(\\d+)")
                .matcher(Objects.requireNonNull(variables.get("JDK_JAVA_OPTIONS")));
        assertThat(options.matches()).isTrue();
        long heap = limit / 100 * Long.parseLong(options.group(1));
        long direct = Long.parseLong(options.group(2));
        long cache = Long.parseLong(Objects.requireNonNull(variables.get("SHOAL_CACHE_BYTES")));
        assertThat(direct).isGreaterThan(cache);
        assertThat(heap + direct).as("the rest is the JVM's own").isLessThan(limit - (256L << 20));

        assertThatThrownBy(() -> Chart.template().set("swarm.cacheSize", "1Gi").call())
                .hasMessageContaining("swarm.cacheSize");
    }

    /** {@code -Dshoal.k8s.write=true} writes them anew. */
    @Test
    void theManifestsAreWhatTheChartRenders() throws Exception {
        String rendered = "# Rendered from helm/shoal with its default values; a test keeps the two equal.\n"
                + Chart.template().call().strip() + "\n";
        if (Boolean.getBoolean("shoal.k8s.write")) {
            Files.createDirectories(MANIFESTS.getParent());
            Files.writeString(MANIFESTS, rendered);
        }
        assertThat(Files.readString(MANIFESTS)).isEqualTo(rendered);
    }

    private static <T> List<T> ofType(List<HasMetadata> objects, Class<T> type) {
        return objects.stream().filter(type::isInstance).map(type::cast).toList();
    }

    private static StatefulSet statefulSet(String name) throws Exception {
        return Chart.objects(Chart.template().call()).stream()
                .filter(StatefulSet.class::isInstance)
                .map(StatefulSet.class::cast)
                .filter(set -> set.getMetadata().getName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void assertNothingUnknown(String path, Object object) throws ReflectiveOperationException {
        switch (object) {
            case Collection<?> elements -> {
                for (Object element : elements) {
                    assertNothingUnknown(path + "[]", element);
                }
            }
            case KubernetesResource model -> {
                assertThat((Map<?, ?>) model.getClass()
                                .getMethod("getAdditionalProperties")
                                .invoke(model))
                        .as(path)
                        .isEmpty();
                for (Field field : model.getClass().getDeclaredFields()) {
                    if (!Modifier.isStatic(field.getModifiers())) {
                        field.setAccessible(true);
                        Object value = field.get(model);
                        if (value != null) {
                            assertNothingUnknown(path + "." + field.getName(), value);
                        }
                    }
                }
            }
            default -> {}
        }
    }
}
