package io.shoal.local.demo;

import io.shoal.local.platform.Endpoints;
import io.shoal.local.terminal.Screen;
import java.net.URI;
import java.nio.file.Path;

/** Commands to try next, with the URLs and keys of this demo. */
record NextSteps(Endpoints endpoints, String tenantKey, String transfer, URI link, Path folder, boolean running) {

    void show(Screen screen) {
        screen.line("");
        if (!running) {
            screen.line("This platform stops now; ./shoal demo --stay keeps it running. Then try:");
        } else {
            screen.line("The platform runs until Ctrl-C. Try:");
        }
        screen.line("  curl -H 'Authorization: Bearer %s' %s/v1/transfers/%s"
                .formatted(tenantKey, endpoints.api(), transfer));
        screen.line("  curl -N -H 'Authorization: Bearer %s' %s/v1/transfers/%s/events"
                .formatted(tenantKey, endpoints.api(), transfer));
        screen.line("  curl -L -r 0-99 '%s' | xxd".formatted(link));
        screen.line(
                "  curl -X POST -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '{\"name\":\"me\"}' %s/v1/tenants"
                        .formatted(endpoints.operatorKey(), endpoints.api()));
        screen.line("  ./shoal status --data " + folder);
        screen.line("  ./shoal add 'MAGNET or FILE.torrent' --data " + folder);
        screen.line("For a platform that keeps its data: ./shoal up, then ./shoal add, ./shoal status, ./shoal down.");
    }
}
