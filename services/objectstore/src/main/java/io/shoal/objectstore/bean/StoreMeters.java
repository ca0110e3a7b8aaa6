package io.shoal.objectstore.bean;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.S3Requests;
import jakarta.inject.Singleton;

/** What went over the wire to the store, as a provider bills it. */
@Singleton
class StoreMeters implements MeterBinder {
    private final S3Requests requests;

    StoreMeters(MinioObjectStore store) {
        requests = store.requests();
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        for (S3Requests.Kind kind : S3Requests.Kind.values()) {
            FunctionCounter.builder("shoal.s3.requests", requests, r -> r.count(kind))
                    .description("requests to the object store, those that failed included")
                    .tag("operation", kind.label())
                    .register(registry);
        }
        FunctionCounter.builder("shoal.s3.sent.bytes", requests, S3Requests::bytesSent)
                .description("bodies of requests to the object store")
                .register(registry);
        FunctionCounter.builder("shoal.s3.received.bytes", requests, S3Requests::bytesReceived)
                .description("bodies of its answers")
                .register(registry);
    }
}
