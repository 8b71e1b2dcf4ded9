package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

/** What is read in one pass is what protobuf reads. */
class PlainEncodingTest {

    private static final RecordSigner SIGNER = new RecordSigner(SigningKey.generate(Suite.ED25519));

    private static IdentifierRecord record(Random random) {
        RecordDraft.Builder draft =
                RecordDraft.item(Identifier.parse("88.118.8/A" + random.nextInt(1_000)), Prefix.parse("88.118"));
        long index = 0;
        for (int i = random.nextInt(5); i >= 0; i--) {
            index += 1 + random.nextInt(200);
            draft.value(index, random.nextInt(4) == 0 ? "名称" : "model", "x".repeat(random.nextInt(200)));
        }
        return SIGNER.sign(draft.build());
    }

    private static void assertReadAlike(ByteString encoded) throws InvalidProtocolBufferException {
        IdentifierRecord record;
        try {
            record = IdentifierRecord.parse(encoded);
        } catch (InvalidRecordException e) {
            return;
        }
        SignedRecord message = SignedRecord.parseFrom(encoded);
        assertThat(record.headerBytes()).isEqualTo(message.getHeader());
        assertThat(record.values().stream().map(RecordValue::encoded).toList()).isEqualTo(message.getValuesList());
        for (RecordValue read : record.values()) {
            Value value = Value.parseFrom(read.encoded());
            assertThat(read.index()).isEqualTo(Integer.toUnsignedLong(value.getIndex()));
            assertThat(read.type()).isEqualTo(value.getType());
            assertThat(read.data()).isEqualTo(value.getData());
            assertThat(read.readers()).isEqualTo(value.getReadersList());
        }
        assertThat(record.proof()).isEqualTo(SignatureProof.of("proof", message.getProof()));
        boolean isPlain = message.getUnknownFields().isEmpty()
                && message.getProof().getUnknownFields().isEmpty()
                && message.toByteString().equals(encoded);
        assertThat(record.isPlainlyEncoded()).isEqualTo(isPlain);
    }

    @Property(tries = 200)
    void aSignedRecordIsReadAsProtobufReadsIt(@ForAll long seed) throws InvalidProtocolBufferException {
        IdentifierRecord record = record(new Random(seed));
        assertReadAlike(record.encoded());
        assertThat(record.encoded())
                .isEqualTo(SignedRecord.parseFrom(record.encoded()).toByteString());
        assertThat(IdentifierRecord.parse(record.encoded()).values())
                .extracting(RecordValue::type, RecordValue::data)
                .containsExactlyElementsOf(record.values().stream()
                        .map(value -> org.assertj.core.groups.Tuple.tuple(value.type(), value.data()))
                        .toList());
    }

    @Property(tries = 3_000)
    void brokenBytesAreReadAsProtobufReadsThem(@ForAll long seed, @ForAll @IntRange(min = 1, max = 3) int faults)
            throws InvalidProtocolBufferException {
        Random random = new Random(seed);
        byte[] bytes = record(random).encoded().toByteArray();
        for (int i = 0; i < faults; i++) {
            int at = random.nextInt(3) == 0 ? random.nextInt(bytes.length) : bytes.length - 1 - random.nextInt(90);
            bytes[Math.max(0, at)] = (byte) (random.nextBoolean() ? random.nextInt(40) : random.nextInt());
        }
        assertReadAlike(ByteString.copyFrom(bytes));
    }

    @Test
    void aNumberThatIsLongerThanNeededIsNotPlain() throws InvalidProtocolBufferException {
        ByteString encoded = record(new Random(1)).encoded();
        // The proof's tree size, 1, in two bytes; its own length grows with it.
        int proof = encoded.size() - 2 - 2 - 66;
        assertThat(encoded.byteAt(proof)).isEqualTo((byte) 0x1A);
        ByteString longer = encoded.substring(0, proof)
                .concat(ByteString.copyFrom(new byte[] {0x1A, (byte) (encoded.byteAt(proof + 1) + 1), 0x08}))
                .concat(ByteString.copyFrom(new byte[] {(byte) 0x81, 0}))
                .concat(encoded.substring(proof + 4));
        assertReadAlike(longer);
        assertThat(IdentifierRecord.parse(longer).isPlainlyEncoded()).isFalse();
    }
}
