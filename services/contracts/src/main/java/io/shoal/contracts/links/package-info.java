/** The token in a link: what intake signs and storage checks. */
@NullMarked
package io.shoal.contracts.links;

import org.jspecify.annotations.NullMarked;
