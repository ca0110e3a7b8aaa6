/**
 * Which slices this worker owns, and what it publishes about them: the Kafka side of the worker. Does not depend on how
 * a slice runs.
 */
@NullMarked
package io.shoal.swarm.ownership;

import org.jspecify.annotations.NullMarked;
