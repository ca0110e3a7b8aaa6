/** The broker process of the embedded platform. */
@NullMarked
package io.shoal.embedded.kafka;

import org.jspecify.annotations.NullMarked;
