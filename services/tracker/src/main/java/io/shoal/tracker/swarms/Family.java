package io.shoal.tracker.swarms;

import io.shoal.tracker.networks.Address;

/**
 * How a peer of each address family lies in memory. The last long of a slot is the same in both: port (16 bits), flags (8),
 * replica (8), time of the last announce in milliseconds modulo 2^32. Before it:
 *
 * <pre>
 * V4   address 32 | peer id's fingerprint 32
 * V6   address 64 | address 64 | fingerprint 32, nothing 32
 * </pre>
 */
enum Family {
    V4(2) {
        @Override
        boolean isAt(long[] slots, int at, Address address) {
            return (int) (slots[at] >>> 32) == address.v4();
        }

        @Override
        void put(long[] slots, int at, Address address, int peer) {
            slots[at] = Integer.toUnsignedLong(address.v4()) << 32 | Integer.toUnsignedLong(peer);
        }

        @Override
        int peer(long[] slots, int at) {
            return (int) slots[at];
        }

        @Override
        int hash(long[] slots, int at) {
            return Mix.mix(Mix.SEED, slots[at] >>> 32, port(slots, at));
        }

        @Override
        int hash(Address address, int port) {
            return Mix.mix(Mix.SEED, Integer.toUnsignedLong(address.v4()), port);
        }

        @Override
        void give(long[] slots, int at, Reply reply) {
            reply.addV4((int) (slots[at] >>> 32), port(slots, at));
        }
    },
    V6(4) {
        @Override
        boolean isAt(long[] slots, int at, Address address) {
            return slots[at] == address.high() && slots[at + 1] == address.low();
        }

        @Override
        void put(long[] slots, int at, Address address, int peer) {
            slots[at] = address.high();
            slots[at + 1] = address.low();
            slots[at + 2] = Integer.toUnsignedLong(peer);
        }

        @Override
        int peer(long[] slots, int at) {
            return (int) slots[at + 2];
        }

        @Override
        int hash(long[] slots, int at) {
            return Mix.mix(Mix.SEED + port(slots, at), slots[at], slots[at + 1]);
        }

        @Override
        int hash(Address address, int port) {
            return Mix.mix(Mix.SEED + port, address.high(), address.low());
        }

        @Override
        void give(long[] slots, int at, Reply reply) {
            reply.addV6(slots[at], slots[at + 1], port(slots, at));
        }
    };

    /** Longs of a slot. */
    final int width;

    Family(int width) {
        this.width = width;
    }

    static Family of(Address address) {
        return address.isV4() ? V4 : V6;
    }

    abstract boolean isAt(long[] slots, int at, Address address);

    abstract void put(long[] slots, int at, Address address, int peer);

    abstract int peer(long[] slots, int at);

    abstract int hash(long[] slots, int at);

    abstract int hash(Address address, int port);

    abstract void give(long[] slots, int at, Reply reply);

    int port(long[] slots, int at) {
        return (int) (slots[at + width - 1] >>> 48);
    }

    int flags(long[] slots, int at) {
        return (int) (slots[at + width - 1] >>> 40) & 0xff;
    }

    /** The replica that told of the peer last. */
    int replica(long[] slots, int at) {
        return (int) (slots[at + width - 1] >>> 32) & 0xff;
    }

    /** Milliseconds modulo 2^32: only differences of less than 24 days mean something, and no peer lives that long. */
    int time(long[] slots, int at) {
        return (int) slots[at + width - 1];
    }

    void stamp(long[] slots, int at, int port, int flags, int replica, int time) {
        slots[at + width - 1] =
                (long) port << 48 | (long) flags << 40 | (long) replica << 32 | Integer.toUnsignedLong(time);
    }
}
