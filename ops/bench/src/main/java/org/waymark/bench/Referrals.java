package org.waymark.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.waymark.bench.data.DelegatedPrefixes;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.Parties;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;

/** What it costs to find the prefix that a look-up is referred to, among many and among few. */
final class Referrals {

    private static final int MANY = 100_000;
    private static final int FEW = 10;
    private static final int LOOK_UPS = 200_000;
    private static final Shape WIDE = Shape.closed(50, 1);
    private static final Shape DEEP = Shape.closed(16, 64);

    /** No more than a fifth slower: that is what "does not grow with the number of prefixes" is held to. */
    private static final Target TARGET = Target.atLeast(1 / 1.2, 1);

    private final Run run;
    private final KeySequence sequence = KeySequence.uniform(LOOK_UPS, 5);

    Referrals(Run run) {
        this.run = run;
    }

    void run() throws Exception {
        Parties parties = new Parties(List.of());
        Path manyDirectory = run.scratch("prefixes-many");
        Path fewDirectory = run.scratch("prefixes-few");
        DelegatedPrefixes many = DelegatedPrefixes.create(manyDirectory, parties, MANY, LOOK_UPS);
        DelegatedPrefixes few = DelegatedPrefixes.create(fewDirectory, parties, FEW, LOOK_UPS);
        compare("referral, found in the registry", parties, manyDirectory, many, fewDirectory, few, "0");
        compare("referral, near-cache hit", parties, manyDirectory, many, fewDirectory, few, "512MiB");
    }

    private void compare(
            String name,
            Parties parties,
            Path manyDirectory,
            DelegatedPrefixes many,
            Path fewDirectory,
            DelegatedPrefixes few,
            String nearCacheBytes)
            throws Exception {
        Map<String, String> settings = Map.of("protobuf.eventLoops", "1", "nearCache.maxBytes", nearCacheBytes);
        try (NodeProcess manyNode = NodeProcess.start(run.checkout, manyDirectory, parties.anchor(), "1g", settings);
                NodeProcess fewNode = NodeProcess.start(run.checkout, fewDirectory, parties.anchor(), "1g", settings)) {
            for (NodeProcess node : List.of(manyNode, fewNode)) {
                askForAll(node, node == manyNode ? many : few);
                run.work(node, load(node, node == manyNode ? many : few, DEEP));
            }
            run.awaitIdle(List.of(manyNode, fewNode));
            String question = name + ", one of 100,000 prefixes vs one of 10, ";
            compare(question + WIDE, TARGET, WIDE, manyNode, many, fewNode, few);
            // A thousand at a time cost so little that what shows is the processor's caches, which hold ten records and
            // not 100,000.
            compare(question + DEEP, Target.REPORTED, DEEP, manyNode, many, fewNode, few);
        }
    }

    private void compare(
            String question,
            Target target,
            Shape shape,
            NodeProcess manyNode,
            DelegatedPrefixes many,
            NodeProcess fewNode,
            DelegatedPrefixes few)
            throws InterruptedException {
        run.compare(
                new Question(question, Measure.PER_CPU_SECOND, target),
                contender("node with 100,000 prefixes", manyNode, many, shape),
                contender("node with 10", fewNode, few, shape));
    }

    private void askForAll(NodeProcess node, DelegatedPrefixes prefixes) throws InterruptedException {
        KeySequence inOrder = KeySequence.inOrder(LOOK_UPS);
        try (Load load = run.generator.referrals(node.address(), Shape.closed(1, 64), prefixes, inOrder)) {
            while (load.answers() < 2L * LOOK_UPS) {
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    private Load load(NodeProcess node, DelegatedPrefixes prefixes, Shape shape) {
        return run.generator.referrals(node.address(), shape, prefixes, sequence);
    }

    private Contender contender(String name, NodeProcess node, DelegatedPrefixes prefixes, Shape shape) {
        return new Contender(name, () -> run.plan.stopwatch().measure(load(node, prefixes, shape), List.of(node)));
    }
}
