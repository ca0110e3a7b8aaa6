/** What an announce costs at Shoal's tracker and at others, each alone on one core under the same load in one run. */
@NullMarked
package io.shoal.bench.trackers;

import org.jspecify.annotations.NullMarked;
