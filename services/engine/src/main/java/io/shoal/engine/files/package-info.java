/** Plain files as a torrent's store: for seeds and tests outside the platform. */
@NullMarked
package io.shoal.engine.files;

import org.jspecify.annotations.NullMarked;
