/** The edge to Kafka: what others say becomes the catalog, and what became of content is told. */
@NullMarked
package io.shoal.storage.records;

import org.jspecify.annotations.NullMarked;
