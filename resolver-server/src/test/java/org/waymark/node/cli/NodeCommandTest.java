package org.waymark.node.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

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
    void theKeyThatDecidesMayBeEncrypted(@TempDir Path directory) throws IOException {
        Path key = directory.resolve("delegate.pem");
        KeyFile.writePrivate(key, SigningKey.generate(Suite.ED25519), "correct horse".toCharArray());
        Path words = directory.resolve("words");
        Files.writeString(words, "battery staple\n");
        Files.setPosixFilePermissions(words, PosixFilePermissions.fromString("rw-------"));
        String[] list = {
            "prefixes",
            "list",
            "--as",
            "88.118",
            "--signer",
            key.toString(),
            "--passphrase-file",
            words.toString(),
            "--server",
            "127.0.0.1:1"
        };

        assertThat(run(list)).isNotZero();
        assertThat(err.toString()).contains("passphrase is wrong").doesNotContain("staple");
        Files.writeString(words, "correct horse\n");
        assertThat(run(list)).isNotZero();
        assertThat(err.toString().lines().skip(1)).singleElement().asString().contains("127.0.0.1:1");
    }

    @Test
    void theVersionIsShown() {
        assertThat(run("--version")).isZero();
        assertThat(out.toString()).startsWith("waymark-node ");
    }
}
