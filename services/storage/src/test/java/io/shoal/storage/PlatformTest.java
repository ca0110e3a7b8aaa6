package io.shoal.storage;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shoal.embedded.test.KafkaResource;
import io.shoal.embedded.test.PostgresResource;
import io.shoal.embedded.test.S3Resource;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A test of the whole service with real Kafka, PostgreSQL and S3, which all such tests share. */
@QuarkusTest
@WithTestResource(Settings.class)
@WithTestResource(KafkaResource.class)
@WithTestResource(PostgresResource.class)
@WithTestResource(S3Resource.class)
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface PlatformTest {}
