/** Streams of what happens in libraries: one set of queries for all that are followed at a replica, whatever the number of clients. */
@NullMarked
package io.shoal.intake.events;

import org.jspecify.annotations.NullMarked;
