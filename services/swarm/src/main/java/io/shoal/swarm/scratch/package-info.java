/** The scratch file where open segments fill up, and who may have how much of it. */
@NullMarked
package io.shoal.swarm.scratch;

import org.jspecify.annotations.NullMarked;
