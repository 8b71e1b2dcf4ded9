package org.waymark.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.protobuf.ByteString;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import org.waymark.identifier.Identifier;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.VerificationException;
import org.waymark.v1.Outcome;

/** A client that believes only what was signed. */
class TamperedAnswerTest {

    private static final String ITEM = "88.118.8/JXDY2106023";
    private static final TestParty ROOT = TestParty.of("88");
    private static final TestParty ENTERPRISE = TestParty.of("88.118.8");

    private static final IdentifierRecord ITEM_RECORD = item();

    private static FakeNode node;
    private static ResolverClient client;

    @BeforeContainer
    static void start() {
        node = new FakeNode().hold(ROOT.root(), ROOT.delegate(ENTERPRISE));
        client = ResolverClient.builder()
                .node("127.0.0.1", node.port())
                .anchor(ROOT.anchor())
                .cachedAnswers(0)
                .build();
    }

    @AfterContainer
    static void stop() {
        client.close();
        node.close();
    }

    /** One of a tree of three, so that the proof has a path. */
    private static IdentifierRecord item() {
        List<IdentifierRecord> tree = new RecordSigner(ENTERPRISE.key())
                .signAll(List.of(draft("88.118.8/a"), draft(ITEM), draft("88.118.8/b")));
        return tree.get(1);
    }

    private static RecordDraft draft(String identifier) {
        return RecordDraft.item(Identifier.parse(identifier), ENTERPRISE.prefix())
                .issuedAt(1_700_000_000_000L)
                .value(2_000, "name", "轴向柱塞变量泵")
                .value(2_001, "model", "SPV140")
                .value(2_002, "mass", "86")
                .build();
    }

    private static Throwable answering(ByteString payload) {
        node.twist(FakeNode.item(ITEM), reply -> new FakeNode.Reply(Outcome.RECORD, payload, 0, false));
        return catchThrowable(() -> client.blocking().resolve(Identifier.parse(ITEM)));
    }

    @Property(tries = 600)
    void anAnswerWithAnyBitChangedIsRefused(
            @ForAll @IntRange(max = 1 << 20) int at, @ForAll @IntRange(max = 7) int bit) {
        byte[] bytes = ITEM_RECORD.encoded().toByteArray();
        bytes[at % bytes.length] ^= (byte) (1 << bit);

        assertThat(answering(ByteString.copyFrom(bytes))).isInstanceOf(VerificationException.class);
    }

    @Property(tries = 300)
    void aPartialAnswerWithAnyBitChangedIsRefused(
            @ForAll @IntRange(max = 1 << 20) int at, @ForAll @IntRange(max = 7) int bit) {
        IdentifierRecord partial = ITEM_RECORD.select(HashFunction.SHA_256, Set.of(2_001L), List.of());
        byte[] bytes = partial.encoded().toByteArray();
        bytes[at % bytes.length] ^= (byte) (1 << bit);

        assertThat(answering(ByteString.copyFrom(bytes))).isInstanceOf(VerificationException.class);
    }

    @Property(tries = 200)
    void anAnswerThatIsCutIsRefused(@ForAll @IntRange(max = 1 << 20) int length) {
        ByteString bytes = ITEM_RECORD.encoded();

        assertThat(answering(bytes.substring(0, length % bytes.size()))).isInstanceOf(VerificationException.class);
    }

    @Example
    void theAnswerAsItWasSignedIsBelieved() {
        assertThat(answering(ITEM_RECORD.encoded())).isNull();
    }
}
