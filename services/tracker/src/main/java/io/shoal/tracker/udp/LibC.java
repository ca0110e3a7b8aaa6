package io.shoal.tracker.udp;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The system calls of a UDP socket (Linux, 64 bits: numbers and layouts are those of both x86-64 and aarch64). Each returns what
 * the call does, or the error's number with a minus in front. One for each thread at a time: it has room for one error.
 */
@SuppressWarnings("restricted") // calling into the C library is what it is for
final class LibC {
    static final int AF_INET = 2;
    static final int AF_INET6 = 10;
    static final int SOCK_DGRAM = 2;
    static final int SOCK_CLOEXEC = 0x80000;
    static final int SOL_SOCKET = 1;
    static final int SO_SNDBUF = 7;
    static final int SO_RCVBUF = 8;
    static final int SO_REUSEPORT = 15;
    static final int SO_RCVTIMEO = 20;
    static final int SO_SNDTIMEO = 21;
    static final int IPPROTO_IPV6 = 41;
    static final int IPV6_V6ONLY = 26;

    /** Wait for the first datagram, take those that are there already with it. */
    static final int MSG_WAITFORONE = 0x10000;

    static final int EINTR = 4;

    /** Nothing came, or could be sent, within the socket's time. */
    static final int EAGAIN = 11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final VarHandle ERRNO =
            Linker.Option.captureStateLayout().varHandle(MemoryLayout.PathElement.groupElement("errno"));

    private static final MethodHandle SOCKET = call("socket", JAVA_INT, JAVA_INT, JAVA_INT);
    private static final MethodHandle SETSOCKOPT = call("setsockopt", JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle BIND = call("bind", JAVA_INT, ADDRESS, JAVA_INT);
    private static final MethodHandle GETSOCKNAME = call("getsockname", JAVA_INT, ADDRESS, ADDRESS);
    private static final MethodHandle RECVMMSG = call("recvmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle SENDMMSG = call("sendmmsg", JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = call("close", JAVA_INT);
    private static final MethodHandle STRERROR = LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

    private final MemorySegment state;

    LibC(Arena arena) {
        state = arena.allocate(Linker.Option.captureStateLayout());
    }

    private static MethodHandle call(String name, MemoryLayout... arguments) {
        return LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow(name),
                FunctionDescriptor.of(JAVA_INT, arguments),
                Linker.Option.captureCallState("errno"));
    }

    int socket(int family, int type) {
        try {
            return result((int) SOCKET.invokeExact(state, family, type, 0));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int setsockopt(int socket, int level, int option, MemorySegment value) {
        try {
            int length = (int) value.byteSize();
            return result((int) SETSOCKOPT.invokeExact(state, socket, level, option, value, length));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int bind(int socket, MemorySegment address, int length) {
        try {
            return result((int) BIND.invokeExact(state, socket, address, length));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int getsockname(int socket, MemorySegment address, MemorySegment length) {
        try {
            return result((int) GETSOCKNAME.invokeExact(state, socket, address, length));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many of the {@code count} headers, {@code struct mmsghdr}, were filled. */
    int recvmmsg(int socket, MemorySegment headers, int count) {
        try {
            return result(
                    (int) RECVMMSG.invokeExact(state, socket, headers, count, MSG_WAITFORONE, MemorySegment.NULL));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many of the {@code count} headers, {@code struct mmsghdr}, were sent; an error is that of the first. */
    int sendmmsg(int socket, MemorySegment headers, int count) {
        try {
            return result((int) SENDMMSG.invokeExact(state, socket, headers, count, 0));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    int close(int socket) {
        try {
            return result((int) CLOSE.invokeExact(state, socket));
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /** What {@code error}, a number without the minus, means. */
    static String describe(int error) {
        try {
            return ((MemorySegment) STRERROR.invokeExact(error))
                    .reinterpret(256)
                    .getString(0);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    private int result(int returned) {
        return returned >= 0 ? returned : -(int) ERRNO.get(state, 0L);
    }
}
