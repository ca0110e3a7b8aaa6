/** How what the database says gets to Kafka without being lost: a table of dirty keys and one relay. */
@NullMarked
package io.shoal.intake.outbox;

import org.jspecify.annotations.NullMarked;
