package io.shoal.tracker.http;

import io.shoal.tracker.networks.Networks;
import java.time.Duration;

/**
 * What one connection, and all together, may cost, and whose word about where they come from is believed.
 *
 * @param head time for all of a request's head, from its first byte
 * @param idle time between requests
 * @param connections open at once; further ones are closed at once
 * @param proxies networks whose connections begin with a PROXY protocol header; no other's does
 */
public record Limits(Duration head, Duration idle, int connections, Networks proxies) {}
