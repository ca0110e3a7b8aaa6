/** Publishes the state in the database to Kafka without losing a change: a table of dirty keys and one relay. */
@NullMarked
package io.shoal.intake.outbox;

import org.jspecify.annotations.NullMarked;
