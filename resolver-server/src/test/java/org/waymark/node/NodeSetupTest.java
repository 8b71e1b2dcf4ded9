package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Prefix;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyFile;
import org.waymark.trust.KeySource;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

class NodeSetupTest {

    @TempDir
    Path directory;

    @Test
    void theConfigurationOfADirectoryWithAnUnusualNameIsReadable() throws Exception {
        Path unusual = directory.resolve("it's \"here\" #1: \\n");

        NodeSetup.Result result =
                new NodeSetup(Clock.systemUTC()).init(unusual, Prefix.parse("88.118"), Suite.ED25519, "A node");

        NodeConfig config = NodeConfigLoader.load(Optional.of(result.config()), Map.of(), List.of())
                .config();
        assertThat(config.node().dataDir()).isEqualTo(unusual.toAbsolutePath());
        assertThat(config.node().roots()).containsExactly(result.anchor());
    }

    @Test
    void aNodeBelowAnotherStandsForItsPrefixAndTrustsTheAnchor() throws Exception {
        Anchor national = new Anchor(
                Prefix.parse("88"), SigningKey.generate(Suite.ED25519).id());

        NodeSetup.Result result = new NodeSetup(Clock.systemUTC())
                .initBelow(directory.resolve("node"), Prefix.parse("88.118"), Suite.SM2, national);

        NodeConfig config = NodeConfigLoader.load(Optional.of(result.config()), Map.of(), List.of())
                .config();
        assertThat(config.node().roots()).containsExactly(national);
        assertThat(config.node().homes()).containsExactly(Prefix.parse("88.118"));
        assertThat(config.node().key()).contains(KeySource.of(result.nodeKey().toAbsolutePath()));
        assertThat(KeyFile.readPublic(Path.of(result.nodeKey() + ".pub")).id())
                .isEqualTo(KeyFile.readPrivate(result.nodeKey()).id());
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NodeSetup(Clock.systemUTC())
                        .initBelow(directory.resolve("other"), Prefix.parse("88"), Suite.SM2, national))
                .withMessageContaining("not above");
    }
}
