package io.shoal.embedded.test;

import java.net.URI;
import org.eclipse.microprofile.config.ConfigProvider;

/** Health and metrics of the service under test, which are served on a port of their own. */
public final class Management {
    private Management() {}

    /** The URL of {@code path}, such as {@code /q/metrics}. */
    public static String url(String path) {
        return URI.create(ConfigProvider.getConfig().getValue("test.management.url", String.class))
                .resolve(path)
                .toString();
    }
}
