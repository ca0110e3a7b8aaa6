package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.shoal.contracts.Generation;
import java.time.Duration;

/**
 * {@code shoal.demand}: what is asked of a slice's owner for a short while, beside its wanted record. The key names the slice. A
 * demand is renewed for as long as it lasts and lapses by itself, so a reader needs no past and a lost record costs one renewal.
 * It never names a tenant, and carries no token and no name of a file.
 *
 * <p>A reader passes over kinds that it does not know: they are {@link Other}, and no bad records.
 */
@JsonTypeInfo(
        use = JsonTypeInfo.Id.NAME,
        include = JsonTypeInfo.As.EXISTING_PROPERTY,
        property = "kind",
        visible = true,
        defaultImpl = DemandRecord.Other.class)
@JsonSubTypes(@JsonSubTypes.Type(value = DemandRecord.Inspect.class, name = DemandRecord.Inspect.KIND))
public sealed interface DemandRecord {
    /** The version of this record: 1. */
    int v();

    /** Its kind, as the JSON has it. */
    String kind();

    /**
     * The swarm of the slice is looked at: until then the owner publishes its peers and pieces each second ({@link SwarmReport}).
     *
     * @param gen the generation that is looked at
     * @param until when it lapses, in milliseconds since 1970; an owner takes at most {@link #LONGEST} from now
     */
    record Inspect(int v, Generation gen, long until) implements DemandRecord {
        static final String KIND = "inspect";

        /** The time that each record asks for. */
        public static final Duration ASKED = Duration.ofSeconds(15);

        /** An owner publishes no longer than this after it has read a record, whatever the record says. */
        public static final Duration LONGEST = Duration.ofSeconds(30);

        public Inspect {
            Require.present(gen, "gen");
            Require.notNegative(until, "until");
        }

        @Override
        @JsonProperty
        public String kind() {
            return KIND;
        }
    }

    /** A demand of a later version. */
    record Other(int v, String kind) implements DemandRecord {
        private static final int LONGEST_KIND = 32;

        public Other {
            Require.text(kind, "kind", LONGEST_KIND);
        }
    }
}
