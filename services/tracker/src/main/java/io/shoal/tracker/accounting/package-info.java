/** What members of private torrents sent and received, session by session. */
@NullMarked
package io.shoal.tracker.accounting;

import org.jspecify.annotations.NullMarked;
