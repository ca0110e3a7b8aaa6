/** The edge to Kafka: reads records into the catalog, and publishes what was done with content. */
@NullMarked
package io.shoal.storage.records;

import org.jspecify.annotations.NullMarked;
