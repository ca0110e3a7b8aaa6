/** Places for announces that wait for the registration of their torrent or passkey. */
@NullMarked
package io.shoal.tracker.waiting;

import org.jspecify.annotations.NullMarked;
