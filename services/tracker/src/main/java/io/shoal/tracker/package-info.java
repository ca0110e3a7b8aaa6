/** The tracker as a service: configuration, health, metrics, and the wiring of everything below. */
@NullMarked
package io.shoal.tracker;

import org.jspecify.annotations.NullMarked;
