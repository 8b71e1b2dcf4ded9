package org.waymark.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SignatureVerifier;

/** Verifying the records of a tree of {@value RecordSigner#USUAL_TREE} (Ed25519), per record. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ProofBenchmark {

    private final SampleRecords tree = SampleRecords.sign(RecordSigner.USUAL_TREE);
    private final SignatureVerifier remembers = new SignatureVerifier();

    /** Each record by itself: path and signature. */
    @Benchmark
    public boolean oneAlone() {
        return new SignatureVerifier().verifies(tree.records().get(0), tree.key());
    }

    /** All records of a tree that was not seen before: one signature and every path. */
    @Benchmark
    @OperationsPerInvocation(RecordSigner.USUAL_TREE)
    public boolean wholeTree() {
        return verifyAll(new SignatureVerifier());
    }

    /** All records of a tree that was seen before: every path. */
    @Benchmark
    @OperationsPerInvocation(RecordSigner.USUAL_TREE)
    public boolean treeSeenBefore() {
        return verifyAll(remembers);
    }

    private boolean verifyAll(SignatureVerifier verifier) {
        boolean all = true;
        for (IdentifierRecord record : tree.records()) {
            all &= verifier.verifies(record, tree.key());
        }
        return all;
    }
}
