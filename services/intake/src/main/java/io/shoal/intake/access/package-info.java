/** Whether a request may pass: keys, and how many requests each key and each address may send. */
@NullMarked
package io.shoal.intake.access;

import org.jspecify.annotations.NullMarked;
