package org.waymark.bench;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.load.HttpCall;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.GrpcProcess;
import org.waymark.bench.peer.NginxProcess;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.wire.AnswerSource;

/** The near cache next to other servers than Redis. */
final class NearPeers {

    private static final Shape WIDE = Shape.closed(50, 1);
    private static final Shape LONG = Shape.closed(1, 50);

    private NearPeers() {}

    /** Compares a node that has all records in its near cache. */
    static void compare(Run run, NodeProcess node) throws Exception {
        try (GrpcProcess grpc = GrpcProcess.start(run.home, run.keys.size(), run.samples(), "4g")) {
            // It has more to be compiled than the others.
            for (Shape shape : List.of(Shape.closed(16, 16), LONG, WIDE)) {
                run.work(grpc, run.generator.grpc(grpc.address(), shape, run.uniform));
            }
            grpc(run, node, grpc, WIDE, Target.atLeast(1.1, 2));
            grpc(run, node, grpc, LONG, Target.atLeast(5, 10));
        }
        nginx(run, node);
    }

    private static void grpc(Run run, NodeProcess node, GrpcProcess grpc, Shape shape, Target target) throws Exception {
        run.compare(
                new Question("near-cache hit vs gRPC-java, " + shape, Measure.PER_CPU_SECOND, target),
                run.resolving(node, List.of(node), shape, run.uniform, AnswerSource.NEAR_CACHE),
                new Contender(
                        "gRPC-java, direct executor, ConcurrentHashMap",
                        () -> run.plan
                                .stopwatch()
                                .measure(run.generator.grpc(grpc.address(), shape, run.uniform), List.of(grpc))));
    }

    private static void nginx(Run run, NodeProcess node) throws Exception {
        Question question = new Question("near-cache hit vs nginx, " + WIDE, Measure.PER_CPU_SECOND, Target.REPORTED);
        Optional<Path> program = NginxProcess.program();
        if (program.isEmpty()) {
            run.notMeasured(question.name(), question.target(), "no nginx on this machine");
            return;
        }
        // nginx keeps no binary text in its configuration, so it gets a text that is as long as a record.
        String body = "r".repeat((int) (run.dataset.recordBytes() / run.keys.size()));
        HttpCall call = HttpCall.get(NginxProcess.PATH, body.getBytes(StandardCharsets.US_ASCII));
        try (NginxProcess nginx = NginxProcess.start(program.get(), run.scratch("nginx"), body)) {
            run.compare(
                    question,
                    run.resolving(node, List.of(node), WIDE, run.uniform, AnswerSource.NEAR_CACHE),
                    new Contender(
                            "nginx, return 200, one worker",
                            () -> run.plan
                                    .stopwatch()
                                    .measure(
                                            run.generator.http(
                                                    nginx.address(), WIDE, List.of(call), KeySequence.inOrder(1)),
                                            List.of(nginx))));
        }
    }

    /** Answers a second on the wall clock, where the machine has a processor for a second event loop. */
    static void twoEventLoops(Run run) throws Exception {
        Shape shape = Shape.closed(16, 64);
        try (NodeProcess node =
                run.node("4g", Map.of("protobuf.eventLoops", "2", "nearCache.maxBytes", Part.ALL_RECORDS_BYTES))) {
            run.warm(node, List.of(node), AnswerSource.NEAR_CACHE);
            run.compare(
                    new Question(
                            "near-cache hit, two event loops, wall clock, " + shape,
                            Measure.PER_SECOND,
                            Target.REPORTED),
                    run.resolving(node, List.of(node), shape, run.uniform, AnswerSource.NEAR_CACHE),
                    run.redisGet(shape, run.uniform));
        }
    }
}
