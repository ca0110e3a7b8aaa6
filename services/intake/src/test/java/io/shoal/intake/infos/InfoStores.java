package io.shoal.intake.infos;

import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.ObjectStore;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.OptionalLong;

/** Info stores over an object store that has one info dictionary, outside the heap and whatever its key. */
public final class InfoStores {
    private InfoStores() {}

    public static InfoStore over(ByteBuffer info, MemoryBudget budget, long cached) {
        ObjectStore store = (ObjectStore) Proxy.newProxyInstance(
                ObjectStore.class.getClassLoader(),
                new Class<?>[] {ObjectStore.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "size" -> OptionalLong.of(info.remaining());
                    case "read" -> ((ByteBuffer) arguments[2]).put(info.duplicate());
                    default -> throw new UnsupportedOperationException(method.getName());
                });
        return new InfoStore(store, budget, cached);
    }
}
