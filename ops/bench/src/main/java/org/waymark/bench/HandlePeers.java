package org.waymark.bench;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.KeyTable;
import org.waymark.bench.data.Parties;
import org.waymark.bench.data.Parts;
import org.waymark.bench.load.HandleCalls;
import org.waymark.bench.load.Load;
import org.waymark.bench.load.LoadGenerator;
import org.waymark.bench.load.Shape;
import org.waymark.bench.measure.Contender;
import org.waymark.bench.measure.Row.Measure;
import org.waymark.bench.measure.Row.Question;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.node.registry.Registry;
import org.waymark.record.IdentifierRecord;

/** The binary protocol of Handle servers next to the node's own: the same node, the same records, all in the near cache. */
final class HandlePeers {

    /** As many as the figures of Handle servers are usually measured with. */
    private static final Shape SHAPE = Shape.closed(8, 1);

    private static final int RECORDS = 20_000;

    private HandlePeers() {}

    /** Starts a node, and compares its faces. */
    static void run(Run run) throws Exception {
        Parties parties = new Parties(run.shapes);
        List<IdentifierRecord> records = new Parts(run.shapes, parties).next(RECORDS, 64);
        Path directory = run.scratch("handle");
        try (Registry registry = Dataset.openWithPrefixes(directory, parties)) {
            Dataset.commit(registry, records);
        }
        int port = freePort();
        Map<String, String> settings = Map.of(
                "protobuf.eventLoops",
                "1",
                "handle.enabled",
                "true",
                "handle.port",
                Integer.toString(port),
                // All load comes from one address.
                "handle.udpBytesPerSecond",
                "1GiB");
        KeyTable keys = KeyTable.of(
                records.stream().map(record -> record.encoded().toByteArray()).toList());
        KeySequence uniform = KeySequence.uniform(RECORDS, 4);
        HandleCalls calls = new HandleCalls(records);
        try (NodeProcess node = NodeProcess.start(run.checkout, directory, parties.anchor(), "1g", settings);
                LoadGenerator generator = new LoadGenerator(keys)) {
            InetSocketAddress face = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            calls.compareAll(face);
            Contender own = contender(
                    run, "node, protobuf face", node, () -> generator.resolve(node.address(), SHAPE, uniform));
            Contender tcp =
                    contender(run, "node, Handle face", node, () -> generator.handle(face, SHAPE, calls, uniform));
            Contender udp =
                    contender(run, "node, Handle face", node, () -> generator.handleUdp(face, SHAPE, calls, uniform));
            run.work(node, generator.handle(face, SHAPE, calls, uniform));
            run.work(node, generator.handleUdp(face, SHAPE, calls, uniform));
            run.awaitIdle(List.of(node));
            run.compare(question("Handle over TCP, 8 connections, vs the protobuf face, " + SHAPE), tcp, own);
            run.compare(question("Handle over UDP, 8 sockets, vs the protobuf face, " + SHAPE), udp, own);
        }
    }

    private static Question question(String name) {
        return new Question(name, Measure.PER_CPU_SECOND, Target.REPORTED);
    }

    /** Starts a load. */
    private interface Start {
        Load load();
    }

    private static Contender contender(Run run, String name, NodeProcess node, Start start) {
        return new Contender(name, () -> run.plan.stopwatch().measure(start.load(), List.of(node)));
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
