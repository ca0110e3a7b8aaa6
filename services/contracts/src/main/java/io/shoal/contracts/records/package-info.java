/**
 * The records on Kafka: desired state, observed state and events, as JSON. They evolve by added fields only; a reader ignores
 * fields that it does not know.
 */
@NullMarked
package io.shoal.contracts.records;

import org.jspecify.annotations.NullMarked;
