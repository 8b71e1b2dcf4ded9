package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.Limits;
import org.waymark.identifier.Scheme;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.RecordKind;

class RecordKeyTest {

    private static final RecordKey ITEM = RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.1/x");

    @Test
    void theEncodingIsKindThenSchemeThenIdentifier() {
        assertThat(ITEM.encoded()).asHexString().isEqualTo("080110011A0638382E312F78");
    }

    @Property(tries = 300)
    void aKeyDecodesToItself(@ForAll("keys") RecordKey key) {
        RecordKey decoded = RecordKey.decode(key.encoded());

        assertThat(decoded).isEqualTo(key).hasSameHashCodeAs(key);
        assertThat(decoded.kind()).isEqualTo(key.kind());
        assertThat(decoded.scheme()).isEqualTo(key.scheme());
        assertThat(decoded.identifier()).isEqualTo(key.identifier());
    }

    @Property(tries = 300)
    void theEncodingIsTheOneOfTheMessage(@ForAll("keys") RecordKey key) {
        assertThat(key.toProto().toByteString()).isEqualTo(ByteString.copyFrom(key.encoded()));
        assertThat(RecordKey.fromProto(key.toProto())).isEqualTo(key);
    }

    /** Bytes that decode at all are the one encoding of what they say: no two byte strings are one key. */
    @Property(tries = 500)
    void whateverDecodesEncodesToTheSameBytes(@ForAll("keys") RecordKey key, @ForAll("edits") Edit edit) {
        byte[] bytes = edit.applyTo(key.encoded());
        RecordKey decoded;
        try {
            decoded = RecordKey.decode(bytes);
        } catch (InvalidRecordException e) {
            return;
        }
        assertThat(decoded.encoded()).isEqualTo(bytes);
    }

    @Property(tries = 500)
    void whatIsPlainDecodesToTheKeyOfItsText(@ForAll("keys") RecordKey key, @ForAll("edits") Edit edit) {
        byte[] bytes = edit.applyTo(key.encoded());
        byte[] among = new byte[bytes.length + 8];
        System.arraycopy(bytes, 0, among, 3, bytes.length);
        if (RecordKey.isPlain(among, 3, bytes.length)) {
            RecordKey decoded = RecordKey.decode(among, 3, bytes.length);
            assertThat(decoded).isEqualTo(RecordKey.of(decoded.kind(), decoded.scheme(), decoded.identifier()));
            assertThat(decoded.encoded()).isEqualTo(bytes);
        }
    }

    @Property(tries = 200)
    void keysOfAsciiAndNoOthersArePlain(@ForAll("keys") RecordKey key) {
        byte[] bytes = key.encoded();

        assertThat(RecordKey.isPlain(bytes, 0, bytes.length))
                .isEqualTo(key.identifier().chars().allMatch(c -> c < 0x80));
    }

    @Property(tries = 500)
    void randomBytesAreDecodedOrRefused(@ForAll byte[] bytes) {
        try {
            assertThat(RecordKey.decode(bytes).encoded()).isEqualTo(bytes);
        } catch (InvalidRecordException e) {
            assertThat(e.field()).startsWith("key");
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "fields in another order,         100108011A0638382E312F78",
        "identifier first,                1A0638382E312F7808011001",
        "kind with a padded varint,       08810010011A0638382E312F78",
        "scheme with a padded varint,     08011081001A0638382E312F78",
        "length with a padded varint,     080110011A860038382E312F78",
        "kind beyond 32 bits,             088180808010" + "10011A0638382E312F78",
        "a field twice,                   0801080110011A0638382E312F78",
        "an unknown field behind,         080110011A0638382E312F782001",
        "a zero byte behind,              080110011A0638382E312F7800",
        "no kind,                         10011A0638382E312F78",
        "no scheme,                       08011A0638382E312F78",
        "no identifier,                   08011001",
        "nothing,                         ''",
        "kind with the wire type of text, 0A0110011A0638382E312F78",
        "a text that ends early,          080110011A0738382E312F78",
        "a text of two gigabytes,         080110011AFFFFFFFF0738",
        "a text of negative length,       080110011AFFFFFFFFFFFFFFFFFF0138",
        "scheme 0,                        080110001A0638382E312F78",
        "scheme 8,                        080110081A0638382E312F78",
        "kind 3,                          080310011A0638382E312F78",
    })
    void anotherEncodingIsRefused(String name, String hex) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .as(name)
                .isThrownBy(() -> RecordKey.decode(HexFormat.of().parseHex(hex)))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key"));
    }

    @Test
    void kindZeroIsRefused() {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.decode(HexFormat.of().parseHex("080010011A0638382E312F78")))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key.kind"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"080110011A01FF", "080110011A02C080", "080110011A03EDA080"})
    void illFormedUtf8IsRefused(String hex) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.decode(HexFormat.of().parseHex(hex)))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key.identifier"));
    }

    @ParameterizedTest
    @ValueSource(ints = {0xD800, 0xDBFF, 0xDC00, 0xDFFF})
    void aLoneSurrogateIsRefused(int surrogate) {
        for (String text : List.of("", "88.1/", "88.1/\u00e9")) {
            for (String end : List.of("", "x", "\u96ea")) {
                assertThatExceptionOfType(InvalidRecordException.class)
                        .isThrownBy(() -> RecordKey.of(RecordKind.ITEM, Scheme.VAA, text + (char) surrogate + end))
                        .satisfies(e -> assertThat(e.field()).isEqualTo("key.identifier"));
            }
        }
    }

    @Test
    void aPairOfSurrogatesIsOneCharacter() {
        RecordKey key = RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.1/\uD83D\uDD29");

        assertThat(RecordKey.decode(key.encoded())).isEqualTo(key);
    }

    @Test
    void theLimitIsInBytesOfUtf8() {
        String longest = "\u96ea".repeat(Limits.IDENTIFIER_BYTES / 3) + "xx";

        RecordKey key = RecordKey.of(RecordKind.ITEM, Scheme.VAA, longest);
        assertThat(longest.getBytes(StandardCharsets.UTF_8)).hasSize(Limits.IDENTIFIER_BYTES);
        assertThat(key.encoded()).hasSize(RecordKey.MAX_ENCODED_BYTES);
        assertThat(RecordKey.decode(ByteString.copyFrom(key.encoded()))).isEqualTo(key);
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.of(RecordKind.ITEM, Scheme.VAA, longest + "x"))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key.identifier"));
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.decode(new byte[RecordKey.MAX_ENCODED_BYTES + 1]))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key"));
    }

    @Test
    void anEmptyIdentifierIsRefused() {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.of(RecordKind.ITEM, Scheme.VAA, ""));
    }

    @Test
    void kindAndSchemeSeparateKeysOfOneText() {
        RecordKey item = RecordKey.of(RecordKind.ITEM, Scheme.OID, "1.2.156");

        assertThat(item)
                .isNotEqualTo(RecordKey.of(RecordKind.PREFIX, Scheme.OID, "1.2.156"))
                .isNotEqualTo(RecordKey.of(RecordKind.ITEM, Scheme.HANDLE, "1.2.156"));
    }

    @Test
    void aMessageWithAnUnknownFieldIsRefused() throws Exception {
        org.waymark.v1.RecordKey message =
                org.waymark.v1.RecordKey.parseFrom(HexFormat.of().parseHex("080110011A0638382E312F782001"));

        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.fromProto(message))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key"));
    }

    @Test
    void aMessageWithoutSchemeOrKindIsRefused() {
        org.waymark.v1.RecordKey noScheme = org.waymark.v1.RecordKey.newBuilder()
                .setKind(RecordKind.ITEM)
                .setIdentifier("88.1/x")
                .build();
        org.waymark.v1.RecordKey noKind = org.waymark.v1.RecordKey.newBuilder()
                .setScheme(IdentifierScheme.VAA)
                .setIdentifier("88.1/x")
                .build();

        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.fromProto(noScheme))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key.scheme"));
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(() -> RecordKey.fromProto(noKind))
                .satisfies(e -> assertThat(e.field()).isEqualTo("key.kind"));
    }

    @Test
    void theKeysBytesCantBeChangedFromOutside() {
        byte[] copy = ITEM.encoded();
        copy[0] = 0;

        assertThat(ITEM.encoded()[0]).isEqualTo((byte) 8);
        assertThat(ITEM.encodedBuffer().isReadOnly()).isTrue();
    }

    @Test
    void schemeNumbersAreThoseOfTheSpecification() {
        for (Scheme scheme : Scheme.values()) {
            assertThat(IdentifierScheme.forNumber(scheme.code()).name()).isEqualTo(scheme.name());
        }
    }

    /** One change to an encoding: a byte replaced, inserted or removed. */
    record Edit(int kind, int place, byte with) {

        byte[] applyTo(byte[] bytes) {
            int at = place % bytes.length;
            ByteString all = ByteString.copyFrom(bytes);
            ByteString inserted = kind == 2 ? ByteString.EMPTY : ByteString.copyFrom(new byte[] {with});
            int resume = kind == 1 ? at : at + 1;
            return all.substring(0, at)
                    .concat(inserted)
                    .concat(all.substring(resume))
                    .toByteArray();
        }
    }

    @Provide
    Arbitrary<Edit> edits() {
        return Combinators.combine(
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 4_000),
                        Arbitraries.bytes())
                .as(Edit::new);
    }

    @Provide
    Arbitrary<RecordKey> keys() {
        Arbitrary<String> text = Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(150)
                .filter(StandardCharsets.UTF_8.newEncoder()::canEncode);
        return Combinators.combine(
                        Arbitraries.of(RecordKind.ITEM, RecordKind.PREFIX), Arbitraries.of(Scheme.values()), text)
                .as(RecordKey::of);
    }
}
