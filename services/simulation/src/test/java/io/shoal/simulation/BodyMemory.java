package io.shoal.simulation;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Buffers of segments' length, which one world after the other uses: clearing fresh ones would take most of the time. */
final class BodyMemory {
    private static final Map<Integer, Deque<ByteBuffer>> UNUSED = new HashMap<>();

    private final List<ByteBuffer> taken = new ArrayList<>();

    ByteBuffer take(int bytes) {
        ByteBuffer unused =
                UNUSED.computeIfAbsent(bytes, length -> new ArrayDeque<>()).poll();
        ByteBuffer buffer = unused != null ? unused.clear() : ByteBuffer.allocate(bytes);
        taken.add(buffer);
        return buffer;
    }

    private static Deque<ByteBuffer> unused(int bytes) {
        return UNUSED.computeIfAbsent(bytes, length -> new ArrayDeque<>());
    }

    /** Returns how many buffers of {@code bytes} or more were taken. */
    long taken(int bytes) {
        return taken.stream().filter(buffer -> buffer.capacity() >= bytes).count();
    }

    /** The world has ended. */
    void release() {
        taken.forEach(buffer -> unused(buffer.capacity()).add(buffer));
        taken.clear();
    }
}
