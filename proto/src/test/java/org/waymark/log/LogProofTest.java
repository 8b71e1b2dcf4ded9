package org.waymark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

class LogProofTest {

    private static final SigningKey KEY = SigningKey.generate(Suite.ED25519);
    private static final List<byte[]> ENTRIES = List.of(bytes("a"), bytes("b"), bytes("c"), bytes("d"), bytes("e"));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static LogProof proof(int leaf) {
        HashSource hashes = (level, from, count) -> {
            List<byte[]> found = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                found.add(LogHash.leaf(ENTRIES.get((int) from + i)));
            }
            return found.toArray(byte[][]::new);
        };
        TiledTree tree = new TiledTree(hashes, ENTRIES.size());
        SignedNote checkpoint = new Checkpoint("log", tree.head()).sign(List.of(KEY));
        return new LogProof(leaf, tree.inclusion(leaf), checkpoint);
    }

    @Property(tries = 20)
    void aProofCanBeReadBackAndProvesItsEntryAlone(@ForAll @IntRange(max = 4) int leaf) {
        LogProof proof = LogProof.parse(proof(leaf).encoded());

        assertThat(proof.leaf()).isEqualTo(leaf);
        for (int i = 0; i < ENTRIES.size(); i++) {
            assertThat(proof.proves(ENTRIES.get(i))).isEqualTo(i == leaf);
        }
        assertThat(Checkpoint.verified(proof.checkpoint(), List.of(NoteKey.ofLog("log", KEY.verifyingKey())))
                        .head()
                        .size())
                .isEqualTo(ENTRIES.size());
    }

    @Test
    void aProofIsTextAsSpecified() {
        assertThat(new String(proof(4).encoded(), StandardCharsets.UTF_8))
                .startsWith("c2sp.org/tlog-proof@v1\nindex 4\n")
                .contains("=\n\nlog\n5\n")
                .endsWith("\n");
    }

    @Test
    void aProofWhoseCheckpointHasLostALineIsRefused() {
        String text = new String(proof(2).encoded(), StandardCharsets.UTF_8).replace("\n\nlog\n5\n", "\n\n5\n");
        assertThatThrownBy(() -> LogProof.parse(bytes(text))).isInstanceOf(LogFormatException.class);
    }

    @Property(tries = 5_000)
    void aMutatedProofIsRefusedOrProvesNothing(@ForAll @Size(2) byte[] where, @ForAll byte to) {
        byte[] bytes = proof(2).encoded();
        int end = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("log\n5");
        int at = ((where[0] & 0xFF) << 8 | where[1] & 0xFF) % end;
        if (bytes[at] == to) {
            return;
        }
        bytes[at] = to;
        LogProof proof;
        try {
            proof = LogProof.parse(bytes);
        } catch (LogFormatException e) {
            return;
        }
        assertThat(proof.leaf() == 2 && proof.proves(ENTRIES.get(2))).isFalse();
    }

    @Property
    void anyTextIsReadOrRefused(@ForAll @StringLength(max = 200) String text) {
        assertThatThrownBy(() -> LogProof.parse(bytes("c2sp.org/tlog-proof@v1\nindex 0\n" + text)))
                .isInstanceOf(LogFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "index 0\n\nx",
                "c2sp.org/tlog-proof@v1\nindex 00\n\n",
                "c2sp.org/tlog-proof@v1\nextra aa==\n\n"
            })
    void whatIsNoProofIsRefused(String text) {
        assertThatThrownBy(() -> LogProof.parse(bytes(text))).isInstanceOf(LogFormatException.class);
    }
}
