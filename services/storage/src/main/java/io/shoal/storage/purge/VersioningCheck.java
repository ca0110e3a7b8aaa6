package io.shoal.storage.purge;

import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.scheduler.Scheduled;
import io.shoal.objectstore.ObjectStore;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import org.jboss.logging.Logger;

/**
 * Reports a versioned bucket by an error in the log and a gauge: in such a bucket a purge frees no space, and what was reported as
 * purged can still be read. The check runs after the start and every five minutes, because versioning can be switched on at any
 * time. The service goes on in either case: links and downloads do not depend on it.
 */
@ApplicationScoped
class VersioningCheck {
    private static final Logger LOG = Logger.getLogger(VersioningCheck.class);

    private enum Versioning {
        UNKNOWN(Double.NaN),
        OFF(0),
        ON(1);

        private final double gauge;

        Versioning(double gauge) {
            this.gauge = gauge;
        }
    }

    private final ObjectStore store;
    private volatile Versioning last = Versioning.UNKNOWN;
    private boolean failed; // used by one thread at a time

    VersioningCheck(ObjectStore store, MeterRegistry metrics) {
        this.store = store;
        metrics.gauge("shoal.bucket.versioned", this, check -> check.last.gauge);
    }

    /** A store that does not answer changes nothing: the last answer stays. */
    @Scheduled(every = "5m", delayed = "5s", concurrentExecution = Scheduled.ConcurrentExecution.SKIP)
    synchronized void check() {
        try {
            Versioning now = store.isVersioned() ? Versioning.ON : Versioning.OFF;
            if (now == Versioning.ON && last != Versioning.ON) {
                LOG.error(
                        "the bucket is versioned: deleted objects stay in it as old versions, occupy space and can be read."
                                + " Suspend its versioning, and delete the old versions, for example by a lifecycle rule"
                                + " (NoncurrentVersionExpiration)");
            } else if (now == Versioning.OFF && last == Versioning.ON) {
                LOG.info("the bucket is not versioned any more; old versions stay until they are deleted");
            }
            last = now;
            failed = false;
        } catch (StoreUnavailableException e) {
            if (!failed) {
                LOG.warnf("whether the bucket is versioned is not known, and is asked again: %s", e.getMessage());
            }
            failed = true;
        }
    }
}
