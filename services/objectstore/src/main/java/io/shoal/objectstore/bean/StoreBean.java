package io.shoal.objectstore.bean;

import io.shoal.objectstore.MinioObjectStore;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

/** Opens the object store for the life of the service. */
@Singleton
class StoreBean {
    @Produces
    @Singleton
    MinioObjectStore open(StoreSettings settings) {
        return new MinioObjectStore(settings.config());
    }

    void close(@Disposes MinioObjectStore store) {
        store.close();
    }
}
