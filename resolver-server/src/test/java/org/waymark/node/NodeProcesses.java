package org.waymark.node;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.waymark.trust.Anchor;

/**
 * Starts nodes as processes, kills those that are left after the test (after the last one of the class, in a static field), and
 * shows what they wrote where a test fails.
 */
public final class NodeProcesses implements BeforeAllCallback, AfterEachCallback, AfterAllCallback {

    private final List<NodeProcess> processes = new CopyOnWriteArrayList<>();
    private final Thread killer = new Thread(() -> processes.forEach(NodeProcess::kill));
    private boolean ofClass;

    public NodeProcesses() {
        // A test run that is interrupted leaves no nodes behind either.
        Runtime.getRuntime().addShutdownHook(killer);
    }

    /** Runs {@code waymark-node} with these arguments; does not wait. */
    public NodeProcess run(List<String> jvmOptions, String... arguments) {
        NodeProcess process = new NodeProcess(jvmOptions, List.of(arguments));
        processes.add(process);
        return process;
    }

    /** Starts a node on any free port, and waits until it listens. */
    public NodeProcess serve(String... arguments) {
        List<String> all = new ArrayList<>(List.of("serve", "--set", "protobuf.port=0", "--set", "http.port=0"));
        all.addAll(List.of(arguments));
        return run(NodeProcess.QUICK_JVM, all.toArray(String[]::new)).awaitListening();
    }

    /** Starts a node with this data directory and root, on any free port unless other settings say so. */
    public NodeProcess serve(Path dataDir, Anchor root, String... settings) {
        return serve(arguments(dataDir, root, settings));
    }

    /** What {@code serve} takes to start a node with this data directory and root. */
    public static String[] arguments(Path dataDir, Anchor root, String... settings) {
        List<String> arguments = new ArrayList<>();
        List<String> all = new ArrayList<>(List.of("node.dataDir=" + dataDir, "node.roots=" + root, "http.port=0"));
        all.addAll(List.of(settings));
        all.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        return arguments.toArray(String[]::new);
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        ofClass = true;
    }

    @Override
    public void afterEach(ExtensionContext context) {
        if (context.getExecutionException().isPresent()) {
            processes.forEach(process -> System.err.println(process.report()));
        }
        if (!ofClass) {
            end();
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        end();
    }

    private void end() {
        processes.forEach(NodeProcess::kill);
        processes.clear();
        Runtime.getRuntime().removeShutdownHook(killer);
    }
}
