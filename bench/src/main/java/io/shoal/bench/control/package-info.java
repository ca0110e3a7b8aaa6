/**
 * What the control plane costs at 100,000 live torrents: intake and storage as processes of their own beside real Kafka, PostgreSQL
 * and S3 servers, with records written as workers write them. It knows the services by their topics, their public API, their
 * health, and the tables that it fills, and by nothing else.
 */
@NullMarked
package io.shoal.bench.control;

import org.jspecify.annotations.NullMarked;
