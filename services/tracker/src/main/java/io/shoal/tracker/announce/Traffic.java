package io.shoal.tracker.announce;

import io.shoal.tracker.admission.Refusal;
import io.shoal.tracker.swarms.Event;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** The traffic of one protocol since the start. Thread-safe. */
public final class Traffic {
    private final Map<Event, LongAdder> announces = new EnumMap<>(Event.class);
    private final LongAdder scrapes = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unknownPasskeys = new LongAdder();
    private final LongAdder malformed = new LongAdder();
    private final LongAdder dropped = new LongAdder();

    public Traffic() {
        for (Event event : Event.values()) {
            announces.put(event, new LongAdder());
        }
    }

    /** An announce was answered with peers. */
    public void announced(Event event) {
        adder(event).increment();
    }

    /** A scrape was answered. */
    public void scraped() {
        scrapes.increment();
    }

    /** A well-formed request was refused by policy. */
    public void refused(Refusal refusal) {
        refused.increment();
        if (refusal.reason().equals(Refusal.PASSKEY.reason())) {
            unknownPasskeys.increment();
        }
    }

    /** A request could not be parsed, and was answered with a failure. */
    public void malformed() {
        malformed.increment();
    }

    /** A message was dropped without an answer. */
    public void dropped() {
        dropped.increment();
    }

    public long announces(Event event) {
        return adder(event).sum();
    }

    public long scrapes() {
        return scrapes.sum();
    }

    public long refusals() {
        return refused.sum();
    }

    /** Refusals because of an unknown passkey. */
    public long unknownPasskeys() {
        return unknownPasskeys.sum();
    }

    public long malformations() {
        return malformed.sum();
    }

    public long drops() {
        return dropped.sum();
    }

    private LongAdder adder(Event event) {
        LongAdder adder = announces.get(event);
        if (adder == null) {
            throw new IllegalStateException("every event has its adder");
        }
        return adder;
    }
}
