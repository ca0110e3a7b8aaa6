package io.shoal.bench.downloads;

import io.shoal.bench.programs.Measured;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * What one download cost. NaN where a figure means nothing.
 *
 * @param wall seconds until the file can be read where it was wanted
 * @param cpu seconds of CPU of the program that downloads
 * @param around seconds of CPU of what else had to run for it, but for the store
 * @param storeCpu seconds of CPU of the object store's server
 * @param peakMiB most resident memory of the program that downloads
 * @param requests to the object store
 * @param records on Kafka
 */
record Row(double wall, double cpu, double around, double storeCpu, double peakMiB, double requests, double records) {
    /** A download into a file, with no store and no platform. */
    static Row ofFile(Measured download) {
        return new Row(
                download.wall(), download.cpu(), Double.NaN, Double.NaN, download.peakMiB(), Double.NaN, Double.NaN);
    }

    /** The middle one of {@code rows} by one figure. */
    static double median(List<Row> rows, ToDoubleFunction<Row> figure) {
        double[] sorted = rows.stream().mapToDouble(figure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
