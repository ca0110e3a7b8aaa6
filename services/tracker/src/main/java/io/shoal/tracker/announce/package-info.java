/** The policy between an edge and the swarms: which addresses are trusted, what is served, when to announce again. */
@NullMarked
package io.shoal.tracker.announce;

import org.jspecify.annotations.NullMarked;
