/** The swarms of private torrents, whose peers are known by user and peer id, not by address. */
@NullMarked
package io.shoal.tracker.members;

import org.jspecify.annotations.NullMarked;
