/** Which requests the tracker serves: registered torrents, the operator's lists, passkeys and what they open. */
@NullMarked
package io.shoal.tracker.admission;

import org.jspecify.annotations.NullMarked;
