/** Programs that a benchmark runs, and what the kernel knows of them. */
@NullMarked
package io.shoal.bench.programs;

import org.jspecify.annotations.NullMarked;
