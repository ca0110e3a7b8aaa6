/** The worker as a process: its configuration, its start and stop, and its health. */
@NullMarked
package io.shoal.swarm.worker;

import org.jspecify.annotations.NullMarked;
