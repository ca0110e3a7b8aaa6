/** Web seeds (BEP 19): servers that have a torrent's files, and are asked for ranges of them over HTTP. */
@NullMarked
package io.shoal.engine.webseeds;

import org.jspecify.annotations.NullMarked;
