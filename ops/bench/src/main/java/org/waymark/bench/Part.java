package org.waymark.bench;

import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.bench.peer.RawRocks;
import org.waymark.bench.peer.RedisProcess;
import org.waymark.bench.peer.ServerProcess;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.RegisterRequest;
import org.waymark.wire.AnswerSource;

/** The parts of a run. Each starts the node that it needs, compares it, and ends it. */
enum Part {
    /** Everything is in the near cache. */
    NEAR {
        @Override
        void run(Run run) throws Exception {
            try (NodeProcess node = run.node("4g", settings(ALL_RECORDS_BYTES))) {
                List<ServerProcess> servers = List.of(node);
                run.warm(node, servers, AnswerSource.NEAR_CACHE);
                uniform(run, node, Shape.closed(50, 1), Target.atLeast(1.15, 1.35));
                uniform(run, node, Shape.closed(50, 16), Target.atLeast(1.7, 2.3));
                uniform(run, node, DEEP, Target.atLeast(2.0, 2.8));
                KeySequence zipf = KeySequence.zipf(run.keys.size(), 0.99, 2);
                run.compare(
                        new Question("near-cache hit, Zipf(0.99), 16x64", Measure.PER_CPU_SECOND, Target.REPORTED),
                        run.resolving(node, servers, DEEP, zipf, AnswerSource.NEAR_CACHE),
                        run.redisGet(DEEP, zipf));
                uniform(run, node, Shape.closed(1, 50), Target.REPORTED);
                Contender pipelined =
                        run.resolving(node, servers, Shape.closed(4, 1_000), run.uniform, AnswerSource.NEAR_CACHE);
                run.compare(
                        new Question(
                                "resolve many, 1,000 a call, vs single, 4x1000",
                                Measure.PER_CPU_SECOND,
                                Target.atLeast(1.3, 2)),
                        run.resolvingMany(node, Shape.closed(4, 1)),
                        pipelined);
                Shape open = new Shape(50, 64, 10_000);
                run.latency("node, near-cache hit, " + open, run.generator.resolve(node.address(), open, run.uniform));
                run.latency("Redis GET, " + open, run.generator.redisGet(run.redis.address(), open, run.uniform));
                NearPeers.compare(run, node);
            }
            NearPeers.twoEventLoops(run);
        }

        private void uniform(Run run, NodeProcess node, Shape shape, Target target) throws Exception {
            run.compare(
                    new Question("near-cache hit, uniform, " + shape, Measure.PER_CPU_SECOND, target),
                    run.resolving(node, List.of(node), shape, run.uniform, AnswerSource.NEAR_CACHE),
                    run.redisGet(shape, run.uniform));
        }
    },

    /** Everything is in a Redis behind the node. */
    REDIS {
        @Override
        void run(Run run) throws Exception {
            try (RedisProcess behind = RedisProcess.start();
                    NodeProcess node = run.node("1g", settings("0", "redis.uri", behind.uri()))) {
                List<ServerProcess> both = List.of(node, behind);
                run.warm(node, both, AnswerSource.REDIS);
                run.compare(
                        new Question("Redis-backed, uniform, 16x64", Measure.PER_CPU_SECOND, Target.atLeast(0.5, 0.65)),
                        run.resolving(node, both, DEEP, run.uniform, AnswerSource.REDIS),
                        run.redisGet(DEEP, run.uniform));
            }
        }
    },

    /** Everything is in the embedded registry. */
    ROCKS {
        @Override
        void run(Run run) throws Exception {
            try (RawRocks raw = new RawRocks(run.scratch("raw-gets"), CACHE_BYTES);
                    NodeProcess node = run.node("1g", settings("0"))) {
                raw.load(run.dataset, run.keys);
                List<ServerProcess> servers = List.of(node);
                run.warm(node, servers, AnswerSource.REGISTRY);
                KeySequence.Cursor cursor = run.uniform.from(0);
                run.compare(
                        new Question(
                                "RocksDB-backed, uniform, 16x64", Measure.PER_CPU_SECOND, Target.atLeast(0.6, 0.8)),
                        run.resolving(node, servers, DEEP, run.uniform, AnswerSource.REGISTRY),
                        new Contender(
                                "raw RocksDB get, one thread",
                                () -> raw.get(
                                        run.keys,
                                        cursor,
                                        run.plan.stopwatch().rampMillis(),
                                        run.plan.stopwatch().windowMillis())));
            }
        }
    },

    /** Look-ups below prefixes that have nodes of their own. */
    REFERRALS {
        @Override
        void run(Run run) throws Exception {
            new Referrals(run).run();
        }
    },

    /** Look-ups of names that nobody has registered. */
    FLOOD {
        @Override
        void run(Run run) throws Exception {
            new Flood(run).run();
        }
    },

    /** Single registrations, each durable before it is acknowledged. */
    REGISTER {
        @Override
        void run(Run run) throws Exception {
            Parties parties = new Parties(run.shapes);
            Parts parts = new Parts(run.shapes, parties);
            Path directory = run.scratch("registrations");
            Dataset.openWithPrefixes(directory, parties).close();
            Shape shape = Shape.closed(WRITERS, 1);
            long millis =
                    run.plan.stopwatch().rampMillis() + run.plan.stopwatch().windowMillis();
            int enough = (int) (millis * MOST_WRITES_A_SECOND / 1_000);
            try (RawRocks raw = new RawRocks(run.scratch("raw-puts"), CACHE_BYTES);
                    NodeProcess node =
                            NodeProcess.start(run.checkout, directory, parties.anchor(), "1g", settings("256MiB"))) {
                Contender registering = new Contender("node, REGISTER", () -> {
                    Iterator<byte[]> requests = parts.next(enough, 1).stream()
                            .map(Part::registration)
                            .toList()
                            .iterator();
                    return run.plan
                            .stopwatch()
                            .measure(run.generator.register(node.address(), shape, requests), List.of(node));
                });
                Iterator<byte[]> endless = Stream.generate(
                                () -> parts.next(1, 1).get(0))
                        .map(Part::registration)
                        .iterator();
                run.work(node, run.generator.register(node.address(), shape, endless));
                run.compare(
                        new Question(
                                "durable single registrations, 16 clients",
                                Measure.PER_SECOND,
                                Target.atLeast(0.4, 0.6)),
                        registering,
                        new Contender("raw RocksDB synced put, 16 threads", () -> {
                            Iterator<RawRocks.Put> puts = Stream.generate(() -> parts.next(PUTS_AT_A_TIME, 64))
                                    .flatMap(List::stream)
                                    .map(record -> new RawRocks.Put(
                                            record.key().encoded(),
                                            record.encoded().toByteArray()))
                                    .limit(2L * enough)
                                    .toList()
                                    .iterator();
                            return raw.put(puts, WRITERS, run.plan.stopwatch().windowMillis());
                        }));
            }
        }
    },

    /** Over HTTP, everything in the near cache. */
    HTTP {
        @Override
        void run(Run run) throws Exception {
            HttpPeers.run(run);
        }
    },

    /** In the binary protocol of Handle servers, everything in the near cache. */
    HANDLE {
        @Override
        void run(Run run) throws Exception {
            HandlePeers.run(run);
        }
    },

    /** {@code waymark import} of a file, from its start to its end. */
    IMPORT {
        @Override
        void run(Run run) throws Exception {
            new Imports(run).run();
        }
    },

    /** How a node with all records starts, what it takes, and how fast they are loaded without it. */
    START {
        @Override
        void run(Run run) throws Exception {
            new Footprint(run).run();
            new OfflineLoad(run).run();
        }
    },

    /** What an answer costs its reader. */
    SDK {
        @Override
        void run(Run run) throws Exception {
            SdkCost.run(run);
        }
    };

    /** Of a near cache that holds the records of every plan. */
    static final String ALL_RECORDS_BYTES = "3GiB";

    private static final Shape DEEP = Shape.closed(16, 64);
    /** As the node's own, by default. */
    private static final long CACHE_BYTES = 160 << 20;

    private static final int WRITERS = 16;
    private static final int PUTS_AT_A_TIME = 1_024;
    /** More than two processors can verify. */
    private static final long MOST_WRITES_A_SECOND = 20_000;

    abstract void run(Run run) throws Exception;

    private static Map<String, String> settings(String nearCacheBytes) {
        return Map.of("protobuf.eventLoops", "1", "nearCache.maxBytes", nearCacheBytes);
    }

    private static Map<String, String> settings(String nearCacheBytes, String key, String value) {
        return Map.of("protobuf.eventLoops", "1", "nearCache.maxBytes", nearCacheBytes, key, value);
    }

    private static byte[] registration(IdentifierRecord record) {
        return RegisterRequest.newBuilder().addRecords(record.encoded()).build().toByteArray();
    }
}
