/** Checked outgoing connections: which addresses may be reached, names, and HTTP on top of both. */
@NullMarked
package io.shoal.egress;

import org.jspecify.annotations.NullMarked;
