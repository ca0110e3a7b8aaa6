/** The scratch file in which open segments are filled. */
@NullMarked
package io.shoal.swarm.scratch;

import org.jspecify.annotations.NullMarked;
