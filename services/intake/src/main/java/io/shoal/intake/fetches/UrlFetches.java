package io.shoal.intake.fetches;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.nio.NioEventLoopGroup;
import io.netty.handler.ssl.SslContext;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.egress.Cidr;
import io.shoal.egress.Egress;
import io.shoal.egress.GlobalEgress;
import io.shoal.egress.http.FetchException;
import io.shoal.egress.http.FetchRequest;
import io.shoal.egress.http.FetchStream;
import io.shoal.egress.http.Tls;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Fetches URLs that tenants name, from globally routable addresses and those that the operator allows. Every fetch ends in time, and
 * a tenant makes few at one time. No URL is logged or counted by name: it may hold a key of the tenant's.
 */
@ApplicationScoped
public class UrlFetches {
    private static final long CLOSE_SECONDS = 1;
    private static final String ANSWERED = "answered";

    private final boolean enabled;
    private final Duration timeout;
    private final FetchPlaces places;
    private final Egress egress;
    private final SslContext tls = Tls.systemTrust();
    private final MeterRegistry meters;
    /** Not the loops of the API: their work is done while requests are answered. */
    private final EventLoopGroup loops = new NioEventLoopGroup(1, new DefaultThreadFactory("fetch", true));

    UrlFetches(
            FetchSettings settings,
            @ConfigProperty(name = "shoal.egress.allow") Optional<List<String>> allowed,
            MeterRegistry meters) {
        this.enabled = settings.enabled();
        this.timeout = settings.timeout();
        this.places = new FetchPlaces(settings.ofTenant(), settings.atOnce(), settings.patience());
        this.egress = new GlobalEgress(
                allowed.orElse(List.of()).stream().map(Cidr::parse).toList());
        this.meters = meters;
    }

    /** Reads an answer, which is closed when this returns. */
    @FunctionalInterface
    public interface Use<T> {
        T of(FetchStream answer) throws IOException;
    }

    /** Whether the operator lets URLs be fetched. */
    public boolean areEnabled() {
        return enabled;
    }

    /**
     * Fetches {@code url} for a tenant.
     *
     * @param bytesMax of the body, after decompression
     * @param abandoned completes if no client waits for the answer any more
     * @throws FetchException if there is no complete answer
     * @throws NoPlaceException if others are fetched for too long
     */
    public <T> T get(UUID tenant, SourceUrl url, long bytesMax, CompletionStage<?> abandoned, Use<T> use)
            throws IOException {
        places.take(tenant);
        String outcome = ANSWERED;
        try (FetchStream answer =
                FetchStream.open(loops.next(), egress, tls, new FetchRequest(url, bytesMax, timeout), abandoned)) {
            return use.of(answer);
        } catch (FetchException e) {
            outcome = e.failure().code();
            throw e;
        } finally {
            places.release(tenant);
            meters.counter("shoal.url.fetches", "outcome", outcome).increment();
        }
    }

    @PreDestroy
    @SuppressWarnings("FutureReturnValueIgnored") // its threads are daemons
    void close() {
        loops.shutdownGracefully(0, CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
