/** Announce and scrape over UDP (BEP 15, 41). */
@NullMarked
package io.shoal.tracker.udp;

import org.jspecify.annotations.NullMarked;
