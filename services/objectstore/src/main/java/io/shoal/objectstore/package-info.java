/**
 * The S3-compatible store as the services use it: few operations, each with the failures that a caller must tell apart. The
 * only module that knows the MinIO Java SDK and the servers' differences.
 */
@NullMarked
package io.shoal.objectstore;

import org.jspecify.annotations.NullMarked;
