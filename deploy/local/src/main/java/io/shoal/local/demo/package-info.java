/** The demo: one torrent from submission to seeding. */
@NullMarked
package io.shoal.local.demo;

import org.jspecify.annotations.NullMarked;
