/** Makes torrents of files. */
@NullMarked
package io.shoal.local.torrents;

import org.jspecify.annotations.NullMarked;
