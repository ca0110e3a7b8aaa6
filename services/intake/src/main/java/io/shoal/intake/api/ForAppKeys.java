package io.shoal.intake.api;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Lets app keys call a resource of tenants, or one of its methods; they are refused without it. What it shows of transfers must come
 * from {@link Caller#library()}, and of other things only what an app key may know.
 */
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@interface ForAppKeys {}
