package io.shoal.intake.changes;

import io.shoal.contracts.links.SealingKeys;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.UUID;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * The texts of positions, which clients keep. They are encrypted, because numbers of transactions would tell a tenant how busy the
 * platform is; every replica opens them.
 */
@ApplicationScoped
class ChangePositions {
    private final SealingKeys keys;

    ChangePositions(@ConfigProperty(name = "shoal.link-keys") String keys) {
        this.keys = SealingKeys.parse(keys);
    }

    String text(ChangePosition position) {
        return keys.seal(SealingKeys.POSITION, position.write());
    }

    /** Returns the position that {@code text} stands for; empty if it is none of this tenant's library. */
    Optional<ChangePosition> read(UUID tenant, String text) {
        return keys.open(SealingKeys.POSITION, text)
                .flatMap(ChangePosition::read)
                .filter(position -> position.tenant().equals(tenant));
    }
}
