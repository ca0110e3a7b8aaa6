package io.shoal.tracker.http;

import io.netty.buffer.ByteBuf;
import io.shoal.tracker.announce.Traffic;
import io.shoal.tracker.members.Members;
import io.shoal.tracker.replication.ReplicationTraffic;
import io.shoal.tracker.replication.ReplicationTraffic.Figure;
import io.shoal.tracker.swarms.Event;
import io.shoal.tracker.swarms.SwarmTotals;
import io.shoal.tracker.swarms.Swarms;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What the tracker does, for a person with a browser; no script, nothing about any torrent or peer. */
public final class StatsPage {
    private static final String HEAD = """
            <!doctype html>
            <html lang="en">
            <head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Shoal tracker</title>
            <style>
            body{font:1rem/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#123}
            table{border-collapse:collapse;width:100%;margin:1.5rem 0}
            caption{text-align:left;font-weight:600;padding:.3rem 0}
            td,th{padding:.3rem .6rem;border-top:1px solid #cdd;text-align:right;font-variant-numeric:tabular-nums}
            th{font-weight:400;color:#567} th:first-child{text-align:left}
            </style></head>
            <body><h1>Shoal tracker</h1>
            """;

    private final Swarms swarms;
    private final Members members;
    private final Traffic http;
    private final Traffic udp;
    private final ReplicationTraffic replicas;

    public StatsPage(Swarms swarms, Members members, Traffic http, Traffic udp, ReplicationTraffic replicas) {
        this.swarms = swarms;
        this.members = members;
        this.http = http;
        this.udp = udp;
        this.replicas = replicas;
    }

    void write(ByteBuf out) {
        SwarmTotals now = swarms.totals();
        StringBuilder page = new StringBuilder(HEAD);
        table(page, "Peers in public swarms", "IPv4", "IPv6");
        row(page, "seeds", now.seeds().v4(), now.seeds().v6());
        row(page, "leeches", now.leeches().v4(), now.leeches().v6());
        row(page, "partial seeds", now.paused().v4(), now.paused().v6());
        page.append("</table>");
        table(page, "Swarms", "public", "private");
        row(page, "swarms", now.swarms(), members.swarms());
        row(page, "peers", allPeers(now), members.peers());
        row(page, "answered, but not remembered: no room", swarms.notRemembered(), members.notRemembered());
        page.append("</table>");
        table(page, "Since the start", "HTTP", "UDP");
        row(page, "announces", announces(http), announces(udp));
        row(page, "scrapes", http.scrapes(), udp.scrapes());
        row(page, "refused", http.refusals(), udp.refusals());
        row(page, "malformed", http.malformations(), udp.malformations());
        row(page, "dropped", http.drops(), udp.drops());
        page.append("</table>");
        table(page, "Other replicas, since the start", "frames", "changes");
        row(page, "sent", replicas.of(Figure.FRAMES_SENT), replicas.of(Figure.CHANGES_SENT));
        row(page, "received", replicas.of(Figure.FRAMES_RECEIVED), received());
        row(page, "of no news", replicas.of(Figure.FRAMES_REPEATED), replicas.of(Figure.CHANGES_IGNORED));
        page.append("</table><p>")
                .append(grouped(replicas.of(Figure.CHANGES_LOST)))
                .append(" changes lost; the last frame came after ")
                .append(grouped(replicas.lag()))
                .append(" ms</p></body></html>\n");
        out.writeCharSequence(page, StandardCharsets.US_ASCII);
    }

    private static long allPeers(SwarmTotals now) {
        return (long) now.seeds().v4()
                + now.seeds().v6()
                + now.leeches().v4()
                + now.leeches().v6()
                + now.paused().v4()
                + now.paused().v6();
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

    private static void table(StringBuilder page, String caption, String first, String second) {
        page.append("<table><caption>")
                .append(caption)
                .append("</caption><tr><th></th><th>")
                .append(first)
                .append("</th><th>")
                .append(second)
                .append("</th></tr>");
    }

    private static void row(StringBuilder page, String name, long first, long second) {
        page.append("<tr><th>")
                .append(name)
                .append("</th><td>")
                .append(grouped(first))
                .append("</td><td>")
                .append(grouped(second))
                .append("</td></tr>\n");
    }

    private static String grouped(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }
}
