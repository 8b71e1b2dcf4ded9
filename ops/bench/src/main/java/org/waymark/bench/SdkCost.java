package org.waymark.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.measure.CpuTime;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Series;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.wire.AnswerSource;

/** CPU time of the SDK for an answer, in this process. */
final class SdkCost {

    private static final int AT_A_TIME = 64;

    private SdkCost() {}

    static void run(Run run) throws Exception {
        try (NodeProcess node = run.node("4g", Map.of("nearCache.maxBytes", Part.ALL_RECORDS_BYTES))) {
            run.warm(node, List.of(node), AnswerSource.NEAR_CACHE);
            cost(run, node, true, "SDK, an answer with its verification");
            cost(run, node, false, "SDK, an answer without verification");
        }
    }

    private static void cost(Run run, NodeProcess node, boolean isVerifying, String name) throws Exception {
        run.attempt(name, Target.REPORTED, () -> {
            ResolverClient.Builder builder = ResolverClient.builder()
                    .node(node.address().getHostString(), node.address().getPort())
                    .cachedAnswers(0);
            builder = isVerifying ? builder.anchor(run.dataset.anchor()) : builder.withoutVerification();
            List<Double> micros = new ArrayList<>();
            try (ResolverClient client = builder.build()) {
                KeySequence.Cursor cursor = run.uniform.from(0);
                long window = run.plan.stopwatch().windowMillis();
                resolve(run, client, cursor, 2 * window);
                for (int i = 0; i < run.plan.repeats(); i++) {
                    double cpu = CpuTime.ofProcess(ProcessHandle.current().pid());
                    long answers = resolve(run, client, cursor, window);
                    cpu = CpuTime.ofProcess(ProcessHandle.current().pid()) - cpu;
                    micros.add(1e6 * cpu / answers);
                }
            }
            run.figure(new Figure(
                    name,
                    "us of CPU",
                    new Series(micros),
                    Target.REPORTED,
                    "one call each, " + AT_A_TIME + " at a time, uniform, no cache in the SDK"));
        });
    }

    private static long resolve(Run run, ResolverClient client, KeySequence.Cursor cursor, long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long answers = 0;
        while (System.nanoTime() - end < 0) {
            List<CompletableFuture<Resolution>> calls = new ArrayList<>(AT_A_TIME);
            for (int i = 0; i < AT_A_TIME; i++) {
                calls.add(client.resolve(Identifier.parse(run.keys.identifier(cursor.next()))));
            }
            for (CompletableFuture<Resolution> call : calls) {
                if (!(call.join() instanceof Resolution.Found)) {
                    throw new IllegalStateException("a record that is there was not found");
                }
                answers++;
            }
        }
        return answers;
    }
}
