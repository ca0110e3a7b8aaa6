/** The edge to Kafka: writes the state in the database as records, and reads the records of the other services. */
@NullMarked
package io.shoal.intake.records;

import org.jspecify.annotations.NullMarked;
