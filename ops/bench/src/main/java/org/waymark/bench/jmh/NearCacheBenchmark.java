package org.waymark.bench.jmh;

import java.time.Clock;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.waymark.identifier.Scheme;
import org.waymark.node.cache.NearCache;
import org.waymark.node.cache.NearCacheTrust;
import org.waymark.node.cache.PrefixGenerations;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/** A hit in the near cache, for keys drawn uniformly: the more there are, the more it waits for memory. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NearCacheBenchmark {

    private static final long ROOMY = 4L << 30;
    private static final long LIFE_MILLIS = TimeUnit.DAYS.toMillis(1);

    /** Answers that are held. */
    @Param({"1000", "200000"})
    private int held;

    private final SplittableRandom random = new SplittableRandom(1);
    private NearCache cache;
    private RecordKey[] keys;

    /** Fills the cache. */
    @Setup
    public void fill() {
        Clock clock = Clock.systemUTC();
        cache = new NearCache(ROOMY, 0, new PrefixGenerations(), NearCacheTrust.ALWAYS, clock);
        RecordKey owner = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8");
        List<IdentifierRecord> records = SampleRecords.sign(held).records();
        keys = records.stream().map(IdentifierRecord::key).toArray(RecordKey[]::new);
        for (IdentifierRecord record : records) {
            StoredAnswer answer = new StoredAnswer(
                    Outcome.RECORD, record.encoded().toByteArray(), 1, clock.millis() + LIFE_MILLIS, owner);
            cache.fill(cache.beginFill(record.key()), answer);
        }
    }

    @Benchmark
    public StoredAnswer hit() {
        return cache.fresh(keys[random.nextInt(keys.length)]).answer();
    }
}
