package io.shoal.bench.downloads;

import io.shoal.bench.programs.ProcessFigures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** From submitting a .torrent to the first byte of the assembled object through the link. */
final class Shoal implements Contender {
    static final String NAME = "shoal (its worker)";
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final Subject subject;

    Shoal(Subject subject) {
        this.subject = subject;
    }

    @Override
    public void download(Path torrent, Rows rows) throws IOException, InterruptedException {
        List<ProcessFigures> workers = subject.workers();
        List<ProcessFigures> around = subject.aroundWorkers();
        for (ProcessFigures worker : workers) {
            worker.resetPeak();
        }
        double cpu = cpu(workers);
        double aroundCpu = cpu(around);
        double storeCpu = subject.storeFigures().cpuSeconds();
        double requests = subject.storeRequests();
        long records = subject.kafkaRecords();
        long start = System.nanoTime();
        String transfer = subject.submit(Files.readAllBytes(torrent));
        subject.awaitAssembled(transfer, LIMIT);
        double wall = (System.nanoTime() - start) / 1e9;
        double peak = 0;
        for (ProcessFigures worker : workers) {
            peak += worker.peakMiB();
        }
        rows.add(
                NAME,
                new Row(
                        wall,
                        cpu(workers) - cpu,
                        cpu(around) - aroundCpu,
                        subject.storeFigures().cpuSeconds() - storeCpu,
                        peak,
                        subject.storeRequests() - requests,
                        subject.kafkaRecords() - records));
        subject.remove(transfer);
        subject.awaitEmptyStore(LIMIT);
    }

    private static double cpu(List<ProcessFigures> processes) throws IOException {
        double sum = 0;
        for (ProcessFigures process : processes) {
            sum += process.cpuSeconds();
        }
        return sum;
    }
}
