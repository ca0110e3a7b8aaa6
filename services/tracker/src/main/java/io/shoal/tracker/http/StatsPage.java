package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.replication.ReplicationTraffic;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Census;
import io.shoal.tracker.swarms.Event;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** What the tracker does, for a person with a browser; no script, nothing about any torrent or peer. */
public final class StatsPage {
    private final Supplier<Census> census;
    private final Traffic http;
    private final Traffic udp;
    private final ReplicationTraffic replicas;

    public StatsPage(Supplier<Census> census, Traffic http, Traffic udp, ReplicationTraffic replicas) {
        this.census = census;
        this.http = http;
        this.udp = udp;
        this.replicas = replicas;
    }

    void write(ByteBuf out) {
        Census now = census.get();
        StringBuilder page = new StringBuilder("""
                <!doctype html>
                <html lang="en">
                <head><meta charset="utf-8"><title>Shoal tracker</title>
                <style>body{font:1rem sans-serif;margin:2rem} td,th{padding:.2rem 1rem .2rem 0;text-align:right}
                th:first-child{text-align:left}</style></head>
                <body><h1>Shoal tracker</h1>
                """);
        page.append("<table><tr><th>peers</th><th>IPv4</th><th>IPv6</th></tr>");
        row(page, "seeds", now.seeds().v4(), now.seeds().v6());
        row(page, "leeches", now.leeches().v4(), now.leeches().v6());
        row(page, "partial seeds", now.paused().v4(), now.paused().v6());
        page.append("</table><p>in ").append(now.swarms()).append(" swarms</p>");
        page.append("<table><tr><th>since the start</th><th>HTTP</th><th>UDP</th></tr>");
        row(page, "announces", announces(http), announces(udp));
        row(page, "scrapes", http.scrapes(), udp.scrapes());
        row(page, "refused", http.refusals(), udp.refusals());
        row(page, "malformed", http.malformations(), udp.malformations());
        row(page, "dropped", http.drops(), udp.drops());
        page.append("</table><table><tr><th>replicas, since the start</th><th>frames</th><th>changes</th></tr>");
        row(page, "sent", replicas.of(Figure.FRAMES_SENT), replicas.of(Figure.CHANGES_SENT));
        row(page, "received", replicas.of(Figure.FRAMES_RECEIVED), received());
        row(page, "of no news", replicas.of(Figure.FRAMES_REPEATED), replicas.of(Figure.CHANGES_IGNORED));
        page.append("</table><p>").append(replicas.of(Figure.CHANGES_LOST));
        page.append(" changes lost; the last frame came after ")
                .append(replicas.lag())
                .append(" ms</p>");
        out.writeCharSequence(page.append("</body></html>\n"), StandardCharsets.US_ASCII);
    }

    private long received() {
        return replicas.of(Figure.CHANGES_APPLIED) + replicas.of(Figure.CHANGES_IGNORED);
    }

    private static long announces(Traffic traffic) {
        long announces = 0;
        for (Event event : Event.values()) {
            announces += traffic.announces(event);
        }
        return announces;
    }

    private static void row(StringBuilder page, String name, long first, long second) {
        page.append("<tr><th>")
                .append(name)
                .append("</th><td>")
                .append(first)
                .append("</td><td>")
                .append(second)
                .append("</td></tr>");
    }
}
