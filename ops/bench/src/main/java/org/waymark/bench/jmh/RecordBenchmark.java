package org.waymark.bench.jmh;

import com.google.protobuf.ByteString;
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
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;

/** Parsing a record of sample size, and hashing it. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class RecordBenchmark {

    private final IdentifierRecord record = SampleRecords.sign(1).records().get(0);
    private final ByteString encoded = record.encoded();

    /** Of the digests. */
    @State(Scope.Benchmark)
    public static class Hash {

        /** Both suites' hashes. */
        @Param
        private HashFunction function;
    }

    @Benchmark
    public IdentifierRecord parse() {
        return IdentifierRecord.parse(encoded);
    }

    /** What names the version: the header alone. */
    @Benchmark
    public RecordDigest digest(Hash hash) {
        return record.digest(hash.function);
    }

    /** Every value: the tree over them, against the root in the header. */
    @Benchmark
    public boolean values(Hash hash) {
        return record.valuesMatchRoot(hash.function);
    }
}
