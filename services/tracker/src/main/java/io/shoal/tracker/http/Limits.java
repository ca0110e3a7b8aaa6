package io.shoal.tracker.http;

import io.shoal.tracker.networks.Networks;
import java.time.Duration;

/**
 * Limits of one connection and of all connections, and the proxies whose PROXY header is trusted.
 *
 * @param head time for all of a request's head, from its first byte
 * @param idle time between requests
 * @param connections open at once; further ones are closed at once
 * @param proxies networks whose connections begin with a PROXY protocol header; other connections must not have one
 */
public record Limits(Duration head, Duration idle, int connections, Networks proxies) {}
