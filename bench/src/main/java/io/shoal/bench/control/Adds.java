package io.shoal.bench.control;

import io.shoal.local.client.ShoalClient;
import java.net.URI;
import java.net.http.HttpRequest;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Requests that each add a torrent that no tenant has, the tenants in turn.
 *
 * @param torrents one for each request, made beforehand
 */
record Adds(Replica intake, List<ShoalClient.Tenant> tenants, List<MadeTorrent> torrents) implements OpenLoop.Requests {
    static Adds of(Replica intake, List<ShoalClient.Tenant> tenants, int count) {
        return new Adds(
                intake,
                tenants,
                IntStream.range(0, count).mapToObj(MadeTorrent::number).toList());
    }

    ShoalClient.Tenant tenantOf(int number) {
        return tenants.get(number % tenants.size());
    }

    @Override
    public HttpRequest.Builder apply(int number) {
        return HttpRequest.newBuilder(URI.create(intake.api() + "/v1/transfers"))
                .header("Authorization", "Bearer " + tenantOf(number).key())
                .header("Content-Type", "application/x-bittorrent")
                .POST(HttpRequest.BodyPublishers.ofByteArray(
                        torrents.get(number).metainfo()));
    }
}
