package org.waymark.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.waymark.identifier.Identifier;

/** Parsing an identifier, one of each scheme. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class GrammarBenchmark {

    /** One of each scheme. */
    @Param({
        "88.118.8/JXDY2106023",
        "20.500.12345/abc",
        "urn:epc:id:sgtin:0614141.112345.400",
        "1.2.156.3088.1",
        "0|0001|6901234567892",
        "MA.156.1001.1/A1",
        "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2"
    })
    private String text;

    @Benchmark
    public Identifier parse() {
        return Identifier.parse(text);
    }
}
