package io.shoal.intake.tenants;

import java.util.UUID;

/** Fired in the transaction that revokes an API key. */
public record KeyRevoked(UUID key) {}
