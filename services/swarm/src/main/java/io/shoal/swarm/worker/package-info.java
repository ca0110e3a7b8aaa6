/** The worker as a process: what it is configured with, how it starts and stops, and how it is watched. */
@NullMarked
package io.shoal.swarm.worker;

import org.jspecify.annotations.NullMarked;
