package org.waymark.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;
import org.junit.jupiter.api.Test;

class NodeCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private int run(String... args) {
        return NodeCommand.run(
                new PrintWriter(out, true), new PrintWriter(err, true), Map.of("WAYMARK_PROTOBUF_PORT", "7777"), args);
    }

    @Test
    void theEffectiveConfigurationIsPrinted() {
        assertThat(run("config", "--set", "redis.namespace=test", "--set", "protobuf.maxBatch=5"))
                .isZero();
        assertThat(out.toString())
                .contains("  port: 7777  # environment WAYMARK_PROTOBUF_PORT")
                .contains("  namespace: test  # flag --set")
                .contains("  maxBatch: 5  # flag --set");
        assertThat(err.toString()).isEmpty();
    }

    @Test
    void aWrongConfigurationIsOneLineAndTwo() {
        assertThat(run("config", "--set", "protobuf.port=-1")).isEqualTo(2);
        assertThat(err.toString())
                .isEqualToIgnoringNewLines("waymark-node: protobuf.port is \"-1\" (flag --set): "
                        + "a whole number from 0 to 65535 is allowed");
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aFileThatIsNotThereIsOneLineAndTwo() {
        assertThat(run("config", "--config", "no/such.yaml")).isEqualTo(2);
        assertThat(err.toString()).isEqualToIgnoringNewLines("waymark-node: there is no file no/such.yaml");
    }

    @Test
    void anUnknownOptionIsOneLineAndTwo() {
        assertThat(run("config", "--colour")).isEqualTo(2);
        assertThat(err.toString().lines())
                .singleElement()
                .asString()
                .contains("--colour", "waymark-node config --help");
    }

    @Test
    void anUnknownSubcommandIsOneLineAndTwo() {
        assertThat(run("frobnicate")).isEqualTo(2);
        assertThat(err.toString().lines()).singleElement().asString().contains("frobnicate");
    }

    @Test
    void withoutArgumentsTheUsageIsShown() {
        assertThat(run()).isZero();
        assertThat(out.toString()).contains("Usage: waymark-node", "config");
    }

    @Test
    void theVersionIsShown() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("waymark-node ");
    }
}
