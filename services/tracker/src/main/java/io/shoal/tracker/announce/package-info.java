/** The rules of the house between an edge and the swarms: who is believed, what is served, how often to come back. */
@NullMarked
package io.shoal.tracker.announce;

import org.jspecify.annotations.NullMarked;
