/**
 * Which slices this worker owns, and what it tells of them: the Kafka side of the worker. Knows nothing of how a slice is
 * worked on.
 */
@NullMarked
package io.shoal.swarm.ownership;

import org.jspecify.annotations.NullMarked;
