package io.shoal.tracker.http;

import java.time.Duration;

/**
 * What one connection, and all together, may cost.
 *
 * @param head time for all of a request's head, from its first byte
 * @param idle time between requests
 * @param connections open at once; further ones are closed at once
 */
public record Limits(Duration head, Duration idle, int connections) {}
