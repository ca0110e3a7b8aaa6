/** Replicas that share their swarms: changes of peers in binary frames, through the topic {@code shoal.announces}. */
@NullMarked
package io.shoal.tracker.replication;

import org.jspecify.annotations.NullMarked;
