/** What it costs replicas of the tracker to share their swarms. */
@NullMarked
package io.shoal.bench.replication;

import org.jspecify.annotations.NullMarked;
