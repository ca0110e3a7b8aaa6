/** Addresses of both families as one kind of number, and the networks that the operator names. */
@NullMarked
package io.shoal.tracker.networks;

import org.jspecify.annotations.NullMarked;
