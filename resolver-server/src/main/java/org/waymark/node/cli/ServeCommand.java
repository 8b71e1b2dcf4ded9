package org.waymark.node.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.waymark.node.LogSetup;
import org.waymark.node.Node;
import org.waymark.node.NodeConfig;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code waymark-node serve}. */
@Command(
        name = "serve",
        description = {
            "Runs the node until it is told to end (SIGTERM, SIGINT).",
            "Metrics, health and the console are at http://operations.host:operations.port/.",
            "Prints \"listening on HOST:PORT\" when it answers. At the end it answers what it has read, and closes.",
            "Ends with 143 after SIGTERM and 130 after SIGINT, as Java programs do."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class ServeCommand implements Callable<Integer> {

    @Mixin
    private ConfigOptions options;

    @Spec
    private CommandSpec command;

    @Override
    public Integer call() throws Exception {
        NodeConfig config = options.load().config();
        LogSetup.apply(config.logging());
        Node node = Node.start(config, new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime()
                .addShutdownHook(new Thread(
                        () -> {
                            node.close();
                            ended.countDown();
                        },
                        "shutdown"));
        PrintWriter out = command.commandLine().getOut();
        String console = config.operations().tls().isPresent() ? "https" : "http";
        out.println("console at " + console + "://" + hostAndPort(node.operationsAddress()) + "/");
        String scheme = config.http().web().tls().isPresent() ? "https" : "http";
        node.httpAddress().ifPresent(address -> out.println(scheme + " on " + hostAndPort(address)));
        out.println("listening on " + hostAndPort(node.address())
                + (config.redis().uri().isEmpty() ? " (without Redis)" : ""));
        ended.await();
        return 0;
    }

    private static String hostAndPort(InetSocketAddress address) {
        return address.getHostString() + ":" + address.getPort();
    }
}
