package io.shoal.intake.access;

import java.time.Duration;

/**
 * How much of its limit a request has used.
 *
 * @param allowed whether something was left
 * @param limit this replica's share of the limit
 * @param remaining requests that may be sent at once after this one
 * @param reset until all of the burst may be sent again
 * @param retryAfter until one request may be sent; zero if this one may
 */
public record LimitStatus(boolean allowed, RequestLimit limit, int remaining, Duration reset, Duration retryAfter) {}
