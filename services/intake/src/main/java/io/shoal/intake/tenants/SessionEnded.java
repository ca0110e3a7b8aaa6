package io.shoal.intake.tenants;

import java.util.UUID;

/** Fired in the transaction that ends a session before its time. */
public record SessionEnded(UUID session) {}
