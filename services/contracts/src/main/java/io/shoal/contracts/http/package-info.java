/** What the services that speak HTTP ask of every request. */
@NullMarked
package io.shoal.contracts.http;

import org.jspecify.annotations.NullMarked;
