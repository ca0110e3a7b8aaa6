/** The store as a bean of a service: configured by {@code shoal.s3.*}, counted in the service's metrics. */
@NullMarked
package io.shoal.objectstore.bean;

import org.jspecify.annotations.NullMarked;
