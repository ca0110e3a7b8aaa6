package io.shoal.intake.api;

import io.shoal.bittorrent.Limits;
import io.shoal.bittorrent.bencode.PagedBytes;
import io.shoal.bittorrent.magnet.Magnet;
import io.shoal.bittorrent.metainfo.Info;
import io.shoal.bittorrent.metainfo.Metainfo;
import io.shoal.bittorrent.metainfo.MetainfoException;
import io.shoal.bittorrent.metainfo.SourceUrl;
import io.shoal.contracts.records.Wanted;
import io.shoal.contracts.records.Wanted.Priority;
import io.shoal.intake.infos.FileLayout;
import io.shoal.intake.planning.Submission;
import io.shoal.intake.transfers.AddOptions;
import io.shoal.intake.transfers.Filing;
import io.shoal.intake.transfers.Goals;
import io.shoal.intake.transfers.Labels;
import io.shoal.intake.transfers.RateLimits;
import io.shoal.intake.transfers.RunOptions;
import io.shoal.intake.wishes.Selection;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks what tenants send and turns it into submissions. Every refusal names the field and the rule. */
final class Submissions {
    /** The largest .torrent inside JSON; larger ones must be sent as the body itself. */
    static final int JSON_METAINFO_BYTES = 8 << 20;

    /** Its base64, and room for the rest. */
    static final int JSON_BYTES = JSON_METAINFO_BYTES / 3 * 4 + (1 << 20);

    /** Indexers put whole queries and keys into the URLs of their .torrents; those are not kept. */
    private static final int URL_BYTES = 4 * Limits.URL_BYTES;

    private static final String MAGNET = "magnet:";

    /** A scheme that is none of those taken. A name and a port ({@code a.example:80/x}) are not a scheme. */
    private static final Pattern OTHER_SCHEME =
            Pattern.compile("(?i)(?!https?:)[a-z][a-z0-9+.-]*:(?![0-9]+(?:[/?#]|$))");

    private Submissions() {}

    /** Bytes of memory, at most, that a JSON body of {@code length} bytes costs from decoding it until its torrent is planned. */
    static long cost(long length) {
        long metainfo = Math.min(length / 4 * 3, JSON_METAINFO_BYTES);
        return metainfo + Info.cost(metainfo);
    }

    /** Parses a .torrent that is the whole body. */
    static Submission ofTorrent(PagedBytes torrent) {
        Metainfo metainfo = metainfo(torrent);
        return Submission.OfMetainfo.of(
                metainfo,
                FileLayout.of(metainfo.info()),
                new AddOptions(Wanted.ALL, false, false, Goals.NONE, Filing.NONE, RunOptions.DEFAULT));
    }

    /** A JSON body that was checked. */
    sealed interface Checked {}

    /** It has the torrent, or its magnet. */
    record Ready(Submission submission) implements Checked {}

    /** It says where the torrent is to be fetched. */
    record ToFetch(SourceUrl url, Options options) implements Checked {}

    /** Checks a JSON body. */
    static Checked of(SubmissionBody body) {
        long sources = Stream.of(body.metainfo(), body.magnet(), body.url())
                .filter(Objects::nonNull)
                .count();
        if (sources != 1) {
            throw invalid("body", "must have one of metainfo, magnet and url");
        }
        Options options = Options.of(body);
        if (body.url() != null) {
            return ofUrl(body.url().strip(), options);
        }
        if (body.magnet() != null) {
            return new Ready(options.magnet(body.magnet()));
        }
        byte[] torrent = Objects.requireNonNull(body.metainfo());
        if (torrent.length > JSON_METAINFO_BYTES) {
            throw ProblemException.of(
                    ProblemKind.TOO_LARGE, "A larger .torrent is taken as a body of application/x-bittorrent");
        }
        return new Ready(options.metainfo(PagedBytes.of(torrent)));
    }

    private static Checked ofUrl(String url, Options options) {
        if (url.regionMatches(true, 0, MAGNET, 0, MAGNET.length())) {
            return new Ready(options.magnet(url));
        }
        SourceUrl parsed = SourceUrl.parse(url, URL_BYTES);
        if (parsed == null && !OTHER_SCHEME.matcher(url).lookingAt()) {
            throw invalid(
                    "url",
                    "must be an http, https or magnet URL with a host, a port from 1 to 65535 if any, and up to "
                            + URL_BYTES + " bytes");
        }
        if (parsed == null || parsed.scheme() == SourceUrl.Scheme.UDP) {
            throw ProblemException.of(ProblemKind.URL_NOT_ALLOWED, "Only http, https and magnet URLs are fetched");
        }
        return new ToFetch(parsed, options);
    }

    /** What a JSON body says besides the torrent. It is checked before a URL is fetched. */
    record Options(
            @Nullable Selection wanted,
            Map<Priority, List<@Nullable Integer>> priorities,
            boolean paused,
            boolean isPrivate,
            Goals goals,
            Filing filing,
            RunOptions run) {
        private static Options of(SubmissionBody body) {
            return new Options(
                    body.wanted() == null ? null : TransferFields.selection(body.wanted()),
                    body.priorities() == null ? Map.of() : body.priorities().lists(),
                    Boolean.TRUE.equals(body.paused()),
                    Boolean.TRUE.equals(body.isPrivate()),
                    goals(body),
                    filing(body),
                    new RunOptions(
                            Boolean.TRUE.equals(body.force()),
                            new RateLimits(
                                    TransferFields.rate("downRate", body.downRate()),
                                    TransferFields.rate("upRate", body.upRate()))));
        }

        private static Goals goals(SubmissionBody body) {
            return new Goals(
                    body.ratio() == null ? null : TransferFields.ratio(body.ratio()),
                    body.seedingTime() == null ? null : TransferFields.seconds("seedingTime", body.seedingTime(), 0),
                    body.idleTime() == null
                            ? null
                            : TransferFields.seconds("idleTime", body.idleTime(), TransferFields.IDLE_SECONDS_MIN));
        }

        private static Filing filing(SubmissionBody body) {
            return new Filing(
                    body.labels() == null ? Labels.NONE : TransferFields.labels(body.labels()),
                    body.category() == null ? null : TransferFields.category(body.category()),
                    body.displayName() == null ? null : TransferFields.displayName(body.displayName()));
        }

        private AddOptions with(Selection selection) {
            Wanted wish = selection.after(Wanted.ALL);
            if (!wish.wantsAny()) {
                throw TransferFields.nothingWanted();
            }
            return new AddOptions(wish, paused, isPrivate, goals, filing, run);
        }

        /** Returns what is wanted; {@code otherwise} if that is not said. */
        private Selection selection(Selection otherwise) {
            return TransferFields.prioritised(wanted == null ? otherwise : wanted, priorities);
        }

        /** Parses a .torrent that is added so. */
        Submission metainfo(PagedBytes torrent) {
            Selection selection = selection(Selection.ALL);
            Metainfo metainfo = Submissions.metainfo(torrent);
            FileLayout layout = FileLayout.of(metainfo.info());
            selection.wrongFor(layout).ifPresent(part -> {
                throw TransferFields.noSuchFile(part);
            });
            AddOptions options = with(selection);
            if (layout.files(options.wanted()).isEmpty()) {
                throw TransferFields.nothingWanted();
            }
            return Submission.OfMetainfo.of(metainfo, layout, options);
        }

        /** Parses a magnet that is added so. */
        Submission magnet(String sent) {
            String uri = sent.strip();
            if (uri.codePoints()
                    .anyMatch(c -> Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE)) {
                throw ProblemException.invalid(
                        ProblemKind.INVALID_MAGNET, "magnet", "must have no control characters and no lone surrogates");
            }
            try {
                Magnet magnet = Magnet.parse(uri);
                Selection named = magnet.selectOnly() == null ? Selection.ALL : selectOnly(magnet.selectOnly());
                return new Submission.OfMagnet(uri, magnet, with(selection(named)));
            } catch (MetainfoException e) {
                throw ProblemException.invalid(ProblemKind.INVALID_MAGNET, e.field(), e.rule());
            }
        }
    }

    private static Selection selectOnly(List<Magnet.FileRange> ranges) {
        BitSet files = new BitSet();
        ranges.forEach(range -> files.set(range.first(), range.last() + 1));
        return Selection.of(files);
    }

    private static Metainfo metainfo(PagedBytes torrent) {
        try {
            return Metainfo.parse(torrent);
        } catch (MetainfoException e) {
            throw ProblemException.invalid(ProblemKind.INVALID_METAINFO, e.field(), e.rule());
        }
    }

    private static ProblemException invalid(String field, String rule) {
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, field, rule);
    }
}
