/** Real BitTorrent clients, driven as processes. */
@NullMarked
package io.shoal.local.clients;

import org.jspecify.annotations.NullMarked;
