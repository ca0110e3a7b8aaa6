package io.shoal.intake.platform;

import io.quarkus.test.common.QuarkusTestResource;
import io.shoal.embedded.test.KafkaResource;
import io.shoal.embedded.test.PostgresResource;
import io.shoal.embedded.test.S3Resource;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test against the service with real Kafka, PostgreSQL and S3; all such tests share one set. */
@QuarkusTestResource(KafkaResource.class)
@QuarkusTestResource(PostgresResource.class)
@QuarkusTestResource(S3Resource.class)
@Inherited
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
public @interface OnPlatform {}
