package io.shoal.local.world;

import io.shoal.local.hosts.Hosts;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** {@link Hosts} as a static {@code @RegisterExtension}, for all tests of a class, and for a {@link TestPlatform} ordered after it. */
public final class Network implements BeforeAllCallback, AfterAllCallback {
    private @Nullable Hosts hosts;

    @Override
    public void beforeAll(ExtensionContext context) throws IOException, InterruptedException {
        hosts = Hosts.create();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        if (hosts != null) {
            hosts.close();
        }
    }

    public Hosts hosts() {
        return Objects.requireNonNull(hosts, "outside a test");
    }
}
