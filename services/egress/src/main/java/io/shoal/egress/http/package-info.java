/** HTTP requests to servers that a tenant or a stranger named. */
@NullMarked
package io.shoal.egress.http;

import org.jspecify.annotations.NullMarked;
