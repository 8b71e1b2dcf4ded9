package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;

class PlainItemTest {

    private static final Prefix OWNER = Prefix.parse("88.118.8");
    private static final RecordSigner SIGNER = new RecordSigner(SigningKey.generate(Suite.ED25519));

    private static RecordDraft.Builder draft(String suffix, int values) {
        RecordDraft.Builder draft = RecordDraft.item(Identifier.parse("88.118.8/" + suffix), OWNER);
        for (int i = 0; i < values; i++) {
            draft.value(2_000 + i, "type" + i, "data \u6cf5 " + i);
        }
        return draft;
    }

    private static List<IdentifierRecord> tree(int size) {
        List<RecordDraft> drafts = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            drafts.add(draft("part" + i, i % 7).build());
        }
        return SIGNER.signAll(drafts);
    }

    @Property(tries = 200)
    void itReadsWhatTheWholeReaderReads(@ForAll @IntRange(min = 1, max = 70) int size) {
        PlainItem item = new PlainItem();
        for (IdentifierRecord record : tree(size)) {
            byte[] encoded = record.encoded().toByteArray();

            assertThat(item.read(encoded)).isTrue();
            assertThat(part(encoded, item.headerFrom, item.headerTo)).isEqualTo(record.headerBytes());
            assertThat(part(encoded, item.textFrom, item.textTo).toStringUtf8())
                    .isEqualTo(record.key().identifier());
            assertThat(part(encoded, item.ownerFrom, item.ownerTo).toStringUtf8())
                    .isEqualTo(record.ownerText());
            assertThat(item.version).isEqualTo(record.version());
            assertThat(item.issuedAt).isEqualTo(record.issuedAt());
            assertThat(part(encoded, item.keyIdFrom, item.keyIdFrom + 32)).isEqualTo(record.keyId());
            assertThat(item.values).isEqualTo(record.valueCount());
            for (int i = 0; i < item.values; i++) {
                assertThat(part(encoded, item.valueFrom[i], item.valueTo[i]))
                        .isEqualTo(record.values().get(i).encoded());
            }
            assertThat(item.treeSize).isEqualTo(record.proof().treeSize());
            assertThat(item.leaf).isEqualTo(record.proof().leaf());
            assertThat(part(encoded, item.pathFrom, item.pathTo))
                    .isEqualTo(record.proof().path());
            assertThat(part(encoded, item.signatureFrom, item.signatureFrom + 64))
                    .isEqualTo(record.proof().signature());
        }
    }

    private static ByteString part(byte[] bytes, int from, int to) {
        return ByteString.copyFrom(bytes, from, to - from);
    }

    @Property(tries = 300)
    void whatItTakesOfChangedBytesTheWholeReaderTakesToo(@ForAll long seed) {
        Random random = new Random(seed);
        byte[] good = tree(1 + random.nextInt(5)).get(0).encoded().toByteArray();
        PlainItem item = new PlainItem();
        for (int i = 0; i < 200; i++) {
            byte[] changed = good.clone();
            for (int j = random.nextInt(3); j >= 0; j--) {
                changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            }
            if (item.read(changed)) {
                assertThatCode(() -> {
                            IdentifierRecord record = IdentifierRecord.parse(ByteString.copyFrom(changed));
                            Admission.checkForm(record);
                        })
                        .doesNotThrowAnyException();
            }
        }
    }

    @Test
    void whatIsNotPlainIsLeftToTheWholeReader() {
        PlainItem item = new PlainItem();
        List<IdentifierRecord> others = List.of(
                SIGNER.sign(draft("\u6cf5", 1).build()),
                SIGNER.sign(draft("a", 1)
                        .restrictedValue(9_000, "price", new byte[] {1}, List.of(OWNER))
                        .build()),
                SIGNER.sign(RecordDraft.prefix(OWNER, OWNER)
                        .expiresAt(Long.MAX_VALUE)
                        .value(1, "x", "y")
                        .build()));
        for (IdentifierRecord record : others) {
            assertThat(item.read(record.encoded().toByteArray())).isFalse();
        }
        byte[] whole = SIGNER.sign(draft("a", 3).build()).encoded().toByteArray();
        for (int length = 0; length < whole.length; length++) {
            assertThat(item.read(java.util.Arrays.copyOf(whole, length))).isFalse();
        }
        assertThat(item.read(java.util.Arrays.copyOf(whole, whole.length + 1))).isFalse();
    }
}
