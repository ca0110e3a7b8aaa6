/** What Shoal costs beside what a user would run instead, measured on the same work in one run. */
@NullMarked
package io.shoal.bench;

import org.jspecify.annotations.NullMarked;
