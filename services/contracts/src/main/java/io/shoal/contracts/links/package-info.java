/** The token in a link: what intake mints and storage honours. */
@NullMarked
package io.shoal.contracts.links;

import org.jspecify.annotations.NullMarked;
