package io.shoal.bench.control;

/** Measures one part of a run and adds its figures to the run's report. */
interface Measurement {
    void measure(Run run) throws Exception;
}
