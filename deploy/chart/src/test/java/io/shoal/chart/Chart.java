package io.shoal.chart;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PodTemplateSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The chart, and what it renders as Kubernetes' own objects. */
final class Chart {
    static final Path FOLDER = Path.of("..", "..", "helm", "shoal");

    private Chart() {}

    static TemplateCommand template() {
        return new Helm(FOLDER)
                .template()
                .withName("shoal")
                .withNamespace("shoal")
                .withKubeVersion("1.32.0");
    }

    static List<HasMetadata> objects(String rendered) {
        return Pattern.compile("^---$", Pattern.MULTILINE)
                .splitAsStream(rendered)
                .filter(document -> document.contains("kind:"))
                .map(document -> Serialization.unmarshal(document, HasMetadata.class))
                .toList();
    }

    /** Each by the name of what makes it. */
    static Map<String, PodTemplateSpec> pods(String rendered) {
        Map<String, PodTemplateSpec> pods = new TreeMap<>();
        for (HasMetadata object : objects(rendered)) {
            switch (object) {
                case Deployment d ->
                    pods.put(d.getMetadata().getName(), d.getSpec().getTemplate());
                case StatefulSet s ->
                    pods.put(s.getMetadata().getName(), s.getSpec().getTemplate());
                default -> {}
            }
        }
        return pods;
    }
}
