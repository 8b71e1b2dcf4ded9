package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

/** A node whose own key is encrypted. */
class NodeKeyIT {

    @TempDir
    private Path home;

    private NodeSetup.Result setup;

    @BeforeEach
    void encryptTheKey() throws IOException {
        setup = new NodeSetup(Clock.systemUTC()).init(home.resolve("node"), Prefix.parse("88.118"), Suite.SM2, "Node");
        SigningKey key = KeyFile.readPrivate(setup.nodeKey());
        Files.delete(setup.nodeKey());
        KeyFile.writePrivate(setup.nodeKey(), key, "correct horse".toCharArray());
    }

    private Node start(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("protobuf.port=0", "operations.port=0", "http.port=0"));
        NodeConfig config = NodeConfigLoader.load(Optional.of(setup.config()), Map.of(), all)
                .config();
        return Node.start(config, new SimpleMeterRegistry());
    }

    private String passphraseFile(String words) throws IOException {
        Path file = Files.writeString(home.resolve("passphrase"), words);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return "node.keyPassphraseFile=" + file;
    }

    @Test
    void itsPassphraseComesFromTheFileThatIsConfigured() throws Exception {
        try (Node node = start(passphraseFile("correct horse\n"));
                ResolverClient client = ResolverClient.builder()
                        .node("127.0.0.1", node.address().getPort())
                        .anchor(setup.anchor())
                        .build()) {
            Resolution.NotFound denied =
                    (Resolution.NotFound) client.blocking().resolve(Identifier.parse("88.118/nothing"));
            assertThat(denied.isProven()).isTrue();
        }
    }

    @Test
    void itsPassphraseIsReadOnceForAllFaces() throws Exception {
        String setting = passphraseFile("correct horse\n");
        Path file = home.resolve("passphrase");
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", "-m", "600", file.toString())
                        .start()
                        .waitFor())
                .isZero();
        Thread writer = new Thread(() -> {
            try {
                Files.writeString(file, "correct horse\n");
                Files.delete(file);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        writer.setDaemon(true);
        writer.start();
        try (Node node = start(setting, "handle.enabled=true", "handle.port=0")) {
            assertThat(node.info().getReady()).isTrue();
        }
    }

    @Test
    void aWrongPassphraseEndsTheStartWithTheKeysName() {
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> start(passphraseFile("battery staple")))
                .withMessageContaining("node.key: " + setup.nodeKey())
                .withMessageContaining("passphrase is wrong")
                .withMessageNotContaining("staple");
    }
}
