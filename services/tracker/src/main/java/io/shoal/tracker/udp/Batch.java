package io.shoal.tracker.udp;

import static java.lang.foreign.MemoryLayout.PathElement.groupElement;
import static java.lang.foreign.MemoryLayout.paddingLayout;
import static java.lang.foreign.MemoryLayout.structLayout;
import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.shoal.tracker.networks.Address;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;

/**
 * Memory for the datagrams of one system call, requests and their replies, made once: what is read and written for a datagram
 * stands where the kernel put it and where it takes it from. A reply goes to the name that its request came from.
 */
final class Batch {
    /**
     * Datagrams in one call: enough that the call itself is little beside them, few enough that the first waits for the last for
     * less than a millisecond.
     */
    static final int SIZE = 64;

    /** Bytes of the largest datagram that is read whole. What is longer than an Ethernet frame is no announce. */
    private static final int REQUEST_BYTES = 2_048;

    private static final int REPLY_BYTES = 1_536;

    /** {@code struct mmsghdr}. */
    private static final MemoryLayout HEADER = structLayout(
            ADDRESS.withName("msg_name"),
            JAVA_INT.withName("msg_namelen"),
            paddingLayout(4),
            ADDRESS.withName("msg_iov"),
            JAVA_LONG.withName("msg_iovlen"),
            ADDRESS.withName("msg_control"),
            JAVA_LONG.withName("msg_controllen"),
            JAVA_INT.withName("msg_flags"),
            paddingLayout(4),
            JAVA_INT.withName("msg_len"),
            paddingLayout(4));

    /** {@code struct iovec}. */
    private static final MemoryLayout VECTOR =
            structLayout(ADDRESS.withName("iov_base"), JAVA_LONG.withName("iov_len"));

    private static final long HEADER_BYTES = HEADER.byteSize();
    private static final long VECTOR_BYTES = VECTOR.byteSize();
    private static final long NAME = HEADER.byteOffset(groupElement("msg_name"));
    private static final long NAME_LENGTH = HEADER.byteOffset(groupElement("msg_namelen"));
    private static final long LENGTH = HEADER.byteOffset(groupElement("msg_len"));
    private static final long VECTOR_LENGTH = VECTOR.byteOffset(groupElement("iov_len"));

    private final MemorySegment names;
    private final MemorySegment requestHeaders;
    private final MemorySegment replyHeaders;
    private final MemorySegment replyVectors;
    private final ByteBuf[] requests;
    private final ByteBuf[] replies;
    private int received = SIZE;
    private int answered;

    Batch(Arena arena) {
        names = arena.allocate((long) SocketName.BYTES * SIZE, Long.BYTES);
        requestHeaders = arena.allocate(HEADER, SIZE);
        replyHeaders = arena.allocate(HEADER, SIZE);
        replyVectors = arena.allocate(VECTOR, SIZE);
        requests = buffers(arena, requestHeaders, arena.allocate(VECTOR, SIZE), REQUEST_BYTES);
        replies = buffers(arena, replyHeaders, replyVectors, REPLY_BYTES);
    }

    private ByteBuf[] buffers(Arena arena, MemorySegment headers, MemorySegment vectors, int bytes) {
        ByteBuf[] buffers = new ByteBuf[SIZE];
        MemorySegment all = arena.allocate((long) bytes * SIZE, Long.BYTES);
        for (int i = 0; i < SIZE; i++) {
            MemorySegment one = all.asSlice((long) i * bytes, bytes);
            MemorySegment vector = vectors.asSlice(i * VECTOR_BYTES, VECTOR_BYTES);
            vector.set(ADDRESS, VECTOR.byteOffset(groupElement("iov_base")), one);
            vector.set(JAVA_LONG, VECTOR_LENGTH, bytes);
            MemorySegment header = headers.asSlice(i * HEADER_BYTES, HEADER_BYTES);
            header.set(ADDRESS, NAME, names.asSlice((long) i * SocketName.BYTES));
            header.set(ADDRESS, HEADER.byteOffset(groupElement("msg_iov")), vector);
            header.set(JAVA_LONG, HEADER.byteOffset(groupElement("msg_iovlen")), 1);
            buffers[i] = Unpooled.wrappedBuffer(one.asByteBuffer());
        }
        return buffers;
    }

    /** Headers for recvmmsg to fill. What was in the batch is gone. */
    MemorySegment toReceive() {
        for (int i = 0; i < received; i++) {
            requestHeaders.set(JAVA_INT, i * HEADER_BYTES + NAME_LENGTH, SocketName.BYTES);
        }
        received = 0;
        answered = 0;
        return requestHeaders;
    }

    /** The first {@code count} headers were filled. */
    void received(int count) {
        received = count;
    }

    int received() {
        return received;
    }

    /** What came in datagram {@code i}, unread. */
    ByteBuf request(int i) {
        int length = Math.min(requestHeaders.get(JAVA_INT, i * HEADER_BYTES + LENGTH), REQUEST_BYTES);
        return requests[i].setIndex(0, length);
    }

    /** The address that datagram {@code i} came from. */
    Address source(int i) {
        return SocketName.address(names, (long) i * SocketName.BYTES);
    }

    /** The port that datagram {@code i} came from. */
    int sourcePort(int i) {
        return SocketName.port(names, (long) i * SocketName.BYTES);
    }

    /** An empty buffer for a reply, the same one until it is {@link #answered}. */
    ByteBuf reply() {
        return replies[answered].clear();
    }

    /** The reply just written answers datagram {@code i}. */
    void answered(int i) {
        answered(i, requestHeaders.get(JAVA_INT, i * HEADER_BYTES + NAME_LENGTH));
    }

    private void answered(int i, int nameLength) {
        long header = answered * HEADER_BYTES;
        replyHeaders.set(ADDRESS, header + NAME, names.asSlice((long) i * SocketName.BYTES));
        replyHeaders.set(JAVA_INT, header + NAME_LENGTH, nameLength);
        replyVectors.set(JAVA_LONG, answered * VECTOR_BYTES + VECTOR_LENGTH, replies[answered].readableBytes());
        answered++;
    }

    /** A copy of the name that datagram {@code i} came from. */
    byte[] name(int i) {
        int length = requestHeaders.get(JAVA_INT, i * HEADER_BYTES + NAME_LENGTH);
        return names.asSlice((long) i * SocketName.BYTES, Math.min(length, SocketName.BYTES))
                .toArray(JAVA_BYTE);
    }

    /** Drops requests and replies. What was received must have been answered. */
    void clear() {
        answered = 0;
    }

    /** Whether another reply fits. */
    boolean hasRoom() {
        return answered < SIZE;
    }

    /** The reply just written goes to {@code name}, which takes the place of a datagram's that was answered before. */
    void answered(byte[] name) {
        int own = answered;
        MemorySegment.copy(name, 0, names, JAVA_BYTE, (long) own * SocketName.BYTES, name.length);
        answered(own, name.length);
    }

    /** How many replies there are. */
    int answered() {
        return answered;
    }

    /** Headers for sendmmsg from reply {@code first} on. */
    MemorySegment toSend(int first) {
        return replyHeaders.asSlice(first * HEADER_BYTES);
    }
}
