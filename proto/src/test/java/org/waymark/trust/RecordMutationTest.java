package org.waymark.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordValue;
import org.waymark.v1.SignedRecord;

/**
 * What must hold of a record that somebody changed on its way.
 *
 * <p>Either it is refused, with one of the exceptions that say so, or what was signed is untouched: the same header bytes, and
 * values that are all among the signed ones. That is weaker than "every changed byte is refused", because protobuf lets one
 * message be encoded in several ways: around header and values there may be padded varints, fields in another order, unknown
 * fields, or a disclosure that shows less. None of that says anything that the signer did not say. A changed bit in
 * place, though, is always refused: the tests of single bits assert that too.
 */
class RecordMutationTest {

    private static final Identifier PART = Identifier.parse("88.118.8/JXDY2106023");

    private static final Party NODE = Party.of("vaa:88.118", Suite.SM2);
    private static final Party MAKER = Party.of("vaa:88.118.8", Suite.ED25519);
    private static final TrustedPrefix TRUSTED_NODE = NODE.anchored();
    private static final TrustedPrefix TRUSTED = TRUSTED_NODE.delegate(MAKER.delegated(NODE), Party.NOW);

    private static final IdentifierRecord WHOLE = sign(3);
    private static final IdentifierRecord PARTIAL = WHOLE.select(Suite.ED25519.hash(), Set.of(2L, 20L), List.of());
    private static final List<ByteString> SIGNED_VALUES =
            WHOLE.values().stream().map(RecordValue::encoded).toList();

    private static IdentifierRecord sign(int treeSize) {
        List<RecordDraft> drafts = new ArrayList<>();
        drafts.add(MAKER.item(PART.canonical())
                .value(20, "photo", new byte[300])
                .restrictedValue(21, "price", "1,234 yuan".getBytes(), List.of(NODE.prefix()))
                .value(4_000_000_000L, "note", "\u6cf5\u8f66")
                .build());
        for (int i = 1; i < treeSize; i++) {
            drafts.add(MAKER.item("88.118.8/other" + i).build());
        }
        return new RecordSigner(MAKER.records()).signAll(drafts).get(0);
    }

    /** True where the bytes still verify. Any exception but the three that are meant for it comes through. */
    private static boolean verifies(ByteString bytes) {
        IdentifierRecord record;
        try {
            record = IdentifierRecord.parse(bytes);
            TRUSTED.verify(PART, record, Party.NOW);
        } catch (InvalidRecordException | InvalidIdentifierException | VerificationException e) {
            return false;
        }
        assertThat(record.headerBytes()).isEqualTo(WHOLE.headerBytes());
        assertThat(record.values()).extracting(RecordValue::encoded).isSubsetOf(SIGNED_VALUES);
        return true;
    }

    static Stream<IdentifierRecord> records() {
        return Stream.of(WHOLE, PARTIAL);
    }

    @ParameterizedTest
    @MethodSource("records")
    void anyChangedBitIsRefused(IdentifierRecord record) {
        byte[] bytes = record.encoded().toByteArray();
        assertThat(verifies(record.encoded())).isTrue();
        for (int i = 0; i < bytes.length * 8; i++) {
            byte[] changed = bytes.clone();
            changed[i / 8] ^= (byte) (1 << i % 8);
            if (verifies(ByteString.copyFrom(changed))) {
                fail("bit %d of byte %d of %d may be changed", i % 8, i / 8, bytes.length);
            }
        }
    }

    /** A consent is checked against the version before, not by the chain, so only the rest of the record is covered here. */
    @ParameterizedTest
    @EnumSource
    void anyChangedByteOfAPrefixRecordIsRefused(Suite suite) throws InvalidProtocolBufferException {
        Party owner = Party.of("vaa:88.118", suite);
        TrustedPrefix trusted = owner.anchored();
        IdentifierRecord record = MAKER.delegated(owner);
        byte[] bytes = record.encoded().toByteArray();
        Random random = new Random(7);
        for (int i = 0; i < bytes.length; i++) {
            byte[] changed = bytes.clone();
            changed[i] ^= (byte) (1 + random.nextInt(255));
            try {
                trusted.delegate(IdentifierRecord.parse(ByteString.copyFrom(changed)), Party.NOW);
            } catch (InvalidRecordException | InvalidIdentifierException | VerificationException e) {
                continue;
            }
            fail("byte %d of %d may be changed", i, bytes.length);
        }
        assertThat(trusted.delegate(record, Party.NOW).prefix()).isEqualTo(MAKER.prefix());
    }

    @Property(tries = 1_500)
    void severalChangesAreRefusedOrLeaveWhatWasSigned(@ForAll long seed) {
        Random random = new Random(seed);
        ByteString bytes = (random.nextBoolean() ? WHOLE : PARTIAL).encoded();
        for (int edits = 1 + random.nextInt(3); edits > 0 && !bytes.isEmpty(); edits--) {
            int from = random.nextInt(bytes.size());
            int to = Math.min(bytes.size(), from + random.nextInt(40));
            byte[] inserted = new byte[random.nextInt(8)];
            random.nextBytes(inserted);
            ByteString middle = switch (random.nextInt(4)) {
                case 0 -> ByteString.EMPTY;
                case 1 -> bytes.substring(from, to).concat(bytes.substring(from, to));
                case 2 -> ByteString.copyFrom(inserted);
                default -> ByteString.copyFrom(inserted).concat(bytes.substring(from, to));
            };
            bytes = bytes.substring(0, from).concat(middle).concat(bytes.substring(to));
        }
        verifies(bytes);
    }

    @Test
    void anotherEncodingOfTheSameRecordVerifies() throws InvalidProtocolBufferException {
        SignedRecord message = SignedRecord.parseFrom(WHOLE.encoded());
        ByteString proofFirst = message.toBuilder()
                .clearHeader()
                .clearValues()
                .build()
                .toByteString()
                .concat(message.toBuilder().clearProof().build().toByteString());
        ByteString unknownField = WHOLE.encoded().concat(ByteString.copyFrom(new byte[] {0x78, 1}));

        assertThat(proofFirst).isNotEqualTo(WHOLE.encoded());
        assertThat(verifies(proofFirst)).isTrue();
        assertThat(verifies(unknownField)).isTrue();
    }

    @Test
    void valuesAreBoundInTheEncodingThatWasSigned() throws InvalidProtocolBufferException {
        SignedRecord message = SignedRecord.parseFrom(WHOLE.encoded());
        // A field that is unknown, behind the value: the same meaning for a reader of today, other bytes.
        ByteString padded = message.getValues(0).concat(ByteString.copyFrom(new byte[] {0x78, 1}));

        assertThat(verifies(message.toBuilder().setValues(0, padded).build().toByteString()))
                .isFalse();
    }

    @Test
    void valuesCantBeLeftOutWithoutSayingSo() throws InvalidProtocolBufferException {
        SignedRecord message = SignedRecord.parseFrom(WHOLE.encoded());

        assertThat(verifies(message.toBuilder().clearValues().build().toByteString()))
                .isFalse();
        assertThat(verifies(WHOLE.publicView(Suite.ED25519.hash()).encoded())).isTrue();
    }
}
