package org.waymark.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

class NoteTest {

    /** Key and note of the tests of Go's note package, which defined the format. */
    private static final String KNOWN_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    private static final String KNOWN_NOTE = "If you think cryptography is the answer to your problem,\n"
            + "then you don't know what your problem is.\n"
            + "\n"
            + "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    private static final SigningKey LOG_KEY = SigningKey.generate(Suite.ED25519);
    private static final SigningKey SM2_KEY = SigningKey.generate(Suite.SM2);
    private static final String ORIGIN = Checkpoint.origin("vaa:88.118", "00112233445566778899aabbccddeeff");
    private static final Checkpoint CHECKPOINT =
            new Checkpoint(ORIGIN, new TreeHead(20_852_163, ByteString.copyFrom(new byte[32])));

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aNoteOfAnotherToolVerifies() {
        NoteKey key = NoteKey.parse(KNOWN_KEY);
        SignedNote note = SignedNote.parse(bytes(KNOWN_NOTE));

        assertThat(note.verify(List.of(key))).containsExactly(key);
        assertThat(key.text()).isEqualTo(KNOWN_KEY);
        assertThat(note.encoded()).isEqualTo(bytes(KNOWN_NOTE));
    }

    @Test
    void aChangedNoteDoesNotVerify() {
        SignedNote note = SignedNote.parse(bytes(KNOWN_NOTE.replace("don't", "do")));

        assertThatThrownBy(() -> note.verify(List.of(NoteKey.parse(KNOWN_KEY))))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("does not verify");
    }

    @Test
    void aCheckpointIsSignedWithBothSuites() {
        SignedNote note =
                SignedNote.parse(CHECKPOINT.sign(List.of(LOG_KEY, SM2_KEY)).encoded());

        assertThat(note.signatures()).hasSize(2);
        for (SigningKey key : List.of(LOG_KEY, SM2_KEY)) {
            NoteKey known = NoteKey.ofLog(ORIGIN, key.verifyingKey());
            assertThat(Checkpoint.verified(note, List.of(known))).isEqualTo(CHECKPOINT);
            assertThat(NoteKey.parse(known.text())).isEqualTo(known);
        }
    }

    @Test
    void aCheckpointOfAnUnknownKeyIsNotBelieved() {
        SignedNote note = CHECKPOINT.sign(List.of(LOG_KEY));
        NoteKey other = NoteKey.ofLog(ORIGIN, SigningKey.generate(Suite.ED25519).verifyingKey());

        assertThatThrownBy(() -> Checkpoint.verified(note, List.of(other)))
                .isInstanceOf(LogFormatException.class)
                .hasMessageContaining("signed by none of the log's keys");
    }

    @Test
    void aWitnessCosignsBesideTheLog() {
        SigningKey witness = SigningKey.generate(Suite.ED25519);
        SignedNote note = CHECKPOINT.sign(List.of(LOG_KEY));
        SignedNote.Signature cosignature = Checkpoint.cosign(note, "witness.example/w1", witness, 1_679_315_147);

        SignedNote cosigned = SignedNote.parse(note.with(List.of(cosignature)).encoded());

        NoteKey key = NoteKey.ofWitness("witness.example/w1", witness.verifyingKey());
        assertThat(cosigned.verify(List.of(key))).containsExactly(key);
        assertThat(NoteKey.cosignedAt(cosigned.signatures().get(1))).isEqualTo(1_679_315_147);
        assertThat(NoteKey.parse(key.text())).isEqualTo(key);
        assertThat(Checkpoint.verified(cosigned, List.of(NoteKey.ofLog(ORIGIN, LOG_KEY.verifyingKey()))))
                .isEqualTo(CHECKPOINT);
    }

    @Test
    void aWitnessHasAKeyOfEd25519() {
        assertThatThrownBy(() -> NoteKey.ofWitness("w", SM2_KEY.verifyingKey())).isInstanceOf(LogFormatException.class);
    }

    @Test
    void aCheckpointIsThreeLines() {
        assertThat(CHECKPOINT.text())
                .isEqualTo("vaa:88.118/00112233445566778899aabbccddeeff\n20852163\n"
                        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n");
    }

    @Test
    void anOriginHasNeitherSpacesNorPlusSigns() {
        assertThat(Checkpoint.origin("hdl:a b+\u4e2d/x", "ff")).isEqualTo("hdl:a%20b%2B%E4%B8%AD%2Fx/ff");
        assertThat(Checkpoint.origin("", "ff")).isEqualTo("ff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "origin\n1\n",
                "\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                "origin\n01\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                "origin\n-1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                "origin\n36028797018963969\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
                "origin\n1\nAAAA\n",
                "origin\n1\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n"
            })
    void whatIsNoCheckpointIsRefused(String text) {
        SignedNote note = new SignedNote(text, List.of());

        assertThatThrownBy(() -> Checkpoint.of(note)).isInstanceOf(LogFormatException.class);
    }

    @Property
    void everyCheckpointCanBeReadBack(@ForAll @LongRange(max = 1L << 55) long size, @ForAll @Size(32) byte[] root) {
        Checkpoint checkpoint = new Checkpoint(ORIGIN, TreeHead.of(size, root));

        assertThat(Checkpoint.of(new SignedNote(checkpoint.text(), List.of()))).isEqualTo(checkpoint);
    }

    @Property
    void anyBytesAreANoteOrRefused(@ForAll @Size(max = 300) byte[] bytes) {
        assertThatThrownBy(() -> SignedNote.parse(bytes)).isInstanceOf(LogFormatException.class);
    }

    @Property
    void aNoteWithAnyLineIsReadOrRefused(@ForAll @StringLength(max = 80) String line) {
        byte[] bytes = bytes("text\n\n\u2014 " + line + "\n");
        SignedNote note;
        try {
            note = SignedNote.parse(bytes);
        } catch (LogFormatException e) {
            return;
        }
        assertThat(note.signatures()).isNotEmpty();
    }

    @Property
    void aMutatedCheckpointIsRefusedOrDoesNotVerify(@ForAll @Size(2) byte[] where, @ForAll byte to) {
        byte[] note = CHECKPOINT.sign(List.of(LOG_KEY)).encoded();
        int at = ((where[0] & 0xFF) << 8 | where[1] & 0xFF) % note.length;
        if (note[at] == to) {
            return;
        }
        note[at] = to;

        assertThatThrownBy(() -> Checkpoint.verified(
                        SignedNote.parse(note), List.of(NoteKey.ofLog(ORIGIN, LOG_KEY.verifyingKey()))))
                .isInstanceOf(LogFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "PeterNeumann",
                "PeterNeumann+c74f20a3",
                "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
                "PeterNeumann+c74f20a3+AQ==",
                "PeterNeumann+c74f20a3+?",
                "PeterNeumann+c74f20a3+"
            })
    void whatIsNoKeyIsRefused(String text) {
        assertThatThrownBy(() -> NoteKey.parse(text)).isInstanceOf(LogFormatException.class);
    }
}
