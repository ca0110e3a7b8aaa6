package io.shoal.intake.transfers;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;

/** The order of a list of transfers: by the columns of one index, which is read forwards or backwards. */
public record ListOrder(Key key, boolean descending) {
    /** The newest first. */
    public static final ListOrder NEWEST = new ListOrder(Key.ADDED, true);

    /** What a list is ordered by; where that is the same, by ids, and for the state by when they were added first. */
    public enum Key {
        ADDED("t.created_at", "cast(:value as timestamptz)") {
            @Override
            String value(Found found) {
                return found.transfer().createdAt().toString();
            }

            @Override
            boolean isValue(String text) {
                Instant moment = Instant.parse(text);
                return !moment.isBefore(Instant.EPOCH) && moment.isBefore(END);
            }
        },
        NAME("t.sort_name", ":value") {
            @Override
            String value(Found found) {
                return found.transfer().marks().sortName();
            }

            @Override
            boolean isValue(String text) {
                return text.codePoints().noneMatch(c -> Character.isISOControl(c) || isSurrogate(c));
            }
        },
        SIZE("t.size", "cast(:value as bigint)") {
            @Override
            String value(Found found) {
                return Long.toString(found.transfer().size());
            }

            @Override
            boolean isValue(String text) {
                return Long.parseLong(text) >= 0;
            }
        },
        PROGRESS("f.progress", "cast(:value as double precision)") {
            @Override
            String value(Found found) {
                return Double.toString(found.figure());
            }

            @Override
            boolean isValue(String text) {
                return Double.isFinite(Double.parseDouble(text));
            }
        },
        RATIO("f.ratio", "cast(:value as double precision)") {
            @Override
            String value(Found found) {
                return Double.toString(found.figure());
            }

            @Override
            boolean isValue(String text) {
                return Double.isFinite(Double.parseDouble(text));
            }
        },
        STATE("t.state, t.created_at", "split_part(:value, ' ', 1), cast(split_part(:value, ' ', 2) as timestamptz)") {
            @Override
            String value(Found found) {
                return found.transfer().state() + " " + found.transfer().createdAt();
            }

            @Override
            boolean isValue(String text) {
                String[] parts = text.split(" ", 2);
                TransferState.valueOf(parts[0]);
                return parts.length == 2 && ADDED.isValue(parts[1]);
            }
        },
        /** The download queue: what is complete is not in it. */
        QUEUE("t.queue_rank", "cast(:value as bigint)") {
            @Override
            String value(Found found) {
                return Long.toString(found.transfer().slot().rank());
            }

            @Override
            boolean isValue(String text) {
                return Long.toString(Long.parseLong(text)).equals(text);
            }
        };

        /** The first moment that is no cursor's: the database's times end later. */
        private static final Instant END = Instant.parse("9999-12-31T00:00:00Z");

        private final String columns;
        private final String parameters;

        Key(String columns, String parameters) {
            this.columns = columns;
            this.parameters = parameters;
        }

        /** Returns what places {@code found} in this order. */
        abstract String value(Found found);

        /** Returns whether {@link #value} can have returned {@code text}; some other texts fail with an exception. */
        abstract boolean isValue(String text);

        private static boolean isSurrogate(int c) {
            return c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE;
        }

        /** Whether the figures, and not the transfers, are in this order. */
        boolean isOfFigures() {
            return this == PROGRESS || this == RATIO;
        }
    }

    /** Returns whether nothing that passes {@code filter} can be in the list. */
    public boolean isEmptyOf(ListFilter filter) {
        return key == Key.QUEUE
                && !filter.states().isEmpty()
                && filter.states().stream().allMatch(TransferState::isComplete);
    }

    /** The position of a transfer in a list: the next page begins after it. */
    public record Position(String value, UUID id) {}

    /** Returns the position of {@code found}. */
    public Position of(Found found) {
        return new Position(key.value(found), found.transfer().id());
    }

    /** Returns the position that is written so, unless none can be. */
    public Optional<Position> position(String value, String id) {
        try {
            UUID read = UUID.fromString(id);
            return key.isValue(value) ? Optional.of(new Position(value, read)) : Optional.empty();
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private String id() {
        return key.isOfFigures() ? "f.transfer_id" : "t.id";
    }

    /** The column of a figure. */
    String figure() {
        return key.columns;
    }

    /** The condition for what comes after the parameters {@code value} and {@code id}. */
    String after() {
        return "(" + key.columns + ", " + id() + ") " + (descending ? "<" : ">") + " (" + key.parameters + ", :id)";
    }

    /** The columns to order by. */
    String columns() {
        String direction = descending ? " desc" : "";
        return key.columns.replace(",", direction + ",") + direction + ", " + id() + direction;
    }
}
