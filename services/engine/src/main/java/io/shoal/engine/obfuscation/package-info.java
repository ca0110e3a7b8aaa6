/** Message Stream Encryption: connections with peers that do not look like BitTorrent on the way. */
@NullMarked
package io.shoal.engine.obfuscation;

import org.jspecify.annotations.NullMarked;
