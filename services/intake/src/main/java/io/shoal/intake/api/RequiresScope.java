package io.shoal.intake.api;

import io.shoal.intake.tenants.Scope;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * The scopes that a tenant's key must have for a resource, or for one of its methods; none: any key may call it. Without this
 * annotation GET needs {@code read} and every other method {@code write}.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@interface RequiresScope {
    Scope[] value();
}
