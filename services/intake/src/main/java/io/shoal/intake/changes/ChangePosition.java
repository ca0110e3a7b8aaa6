package io.shoal.intake.changes;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/**
 * A position in the changes of one library.
 *
 * @param tenant whose library
 * @param transaction the number of the last transaction of which changes were read
 * @param transfer the last transfer of it that was read
 * @param issued when; a position that is too old leads to removals that are forgotten
 */
public record ChangePosition(UUID tenant, long transaction, UUID transfer, Instant issued) {
    private static final UUID LAST = new UUID(-1, -1);

    /** Returns the position after all changes of the transactions before {@code horizon}. */
    static ChangePosition before(UUID tenant, long horizon, Instant now) {
        return new ChangePosition(tenant, horizon - 1, LAST, now);
    }

    /** Returns whether changes may lie between this position and {@code other}, which is of the same library. */
    public boolean isBefore(ChangePosition other) {
        int transactions = Long.compareUnsigned(transaction, other.transaction);
        return transactions < 0 || transactions == 0 && compare(transfer, other.transfer) < 0;
    }

    /** Compares as the database does. */
    private static int compare(UUID one, UUID other) {
        int high = Long.compareUnsigned(one.getMostSignificantBits(), other.getMostSignificantBits());
        return high != 0 ? high : Long.compareUnsigned(one.getLeastSignificantBits(), other.getLeastSignificantBits());
    }

    byte[] write() {
        return ByteBuffer.allocate(6 * Long.BYTES)
                .putLong(tenant.getMostSignificantBits())
                .putLong(tenant.getLeastSignificantBits())
                .putLong(transaction)
                .putLong(transfer.getMostSignificantBits())
                .putLong(transfer.getLeastSignificantBits())
                .putLong(issued.toEpochMilli())
                .array();
    }

    static Optional<ChangePosition> read(ByteBuffer fields) {
        try {
            return Optional.of(new ChangePosition(
                    new UUID(fields.getLong(), fields.getLong()),
                    fields.getLong(),
                    new UUID(fields.getLong(), fields.getLong()),
                    Instant.ofEpochMilli(fields.getLong())));
        } catch (BufferUnderflowException e) {
            return Optional.empty(); // of a version with other fields
        }
    }
}
