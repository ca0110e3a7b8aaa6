package io.shoal.intake.transactions;

import jakarta.interceptor.InterceptorBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Methods that are called again when the database ended their transaction because of another one (a deadlock or a
 * serialization failure), up to three times. They must be safe to repeat. Inside a transaction it does nothing: the caller
 * that began the transaction retries.
 */
@Inherited
@InterceptorBinding
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface RetryConflicts {}
