package io.shoal.storage.objects;

import io.shoal.objectstore.MinioObjectStore;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreConfig;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;

/** Opens the object store for the life of the service. */
@ApplicationScoped
class StoreProvider {
    @Produces
    @ApplicationScoped
    ObjectStore open(StoreSettings settings) {
        return new MinioObjectStore(new StoreConfig(
                settings.endpoint(),
                settings.publicEndpoint().orElse(settings.endpoint()),
                settings.region(),
                settings.bucket(),
                settings.accessKey(),
                settings.secretKey()));
    }

    void close(@Disposes ObjectStore store) {
        store.close();
    }
}
