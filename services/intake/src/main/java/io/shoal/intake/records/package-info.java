/** The edge to Kafka: what the database says as records, and what the fleet says as state. */
@NullMarked
package io.shoal.intake.records;

import org.jspecify.annotations.NullMarked;
