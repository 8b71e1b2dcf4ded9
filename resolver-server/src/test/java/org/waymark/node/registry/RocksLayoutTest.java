package org.waymark.node.registry;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HexFormat;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Scheme;
import org.waymark.log.LogEntry;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

class RocksLayoutTest {

    private static final Comparator<RecordKey> KEY_ORDER = Comparator.comparing(RecordKey::kind)
            .thenComparing(RecordKey::scheme)
            .thenComparing(key -> key.identifier().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned);

    @Test
    void aKeyIsKindSchemeAndText() {
        assertThat(hex(RocksLayout.currentKey(Records.item("88.1/a")))).isEqualTo("0101" + "38382e312f61");
        assertThat(hex(RocksLayout.currentKey(RecordKey.of(RecordKind.PREFIX, Scheme.OID, "1.2"))))
                .isEqualTo("0204" + "312e32");
    }

    @Test
    void aKeyOfTheHistoryAddsTheVersion() {
        assertThat(hex(RocksLayout.historyKey(Records.item("a\0b"), 258)))
                .isEqualTo("0101" + "6100ff62" + "00" + "0000000000000102");
    }

    @Test
    void aValueIsNumbersDigestAndRecord() {
        StoredRecord stored = new StoredRecord(
                Records.item("a"), 1, 2, 3, ByteString.copyFrom(new byte[] {9, 8}), Records.bytes("r"));

        assertThat(hex(RocksLayout.value(stored)))
                .isEqualTo("0000000000000001" + "0000000000000002" + "0000000000000003" + "02" + "0908" + "72");
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Property
    void aCurrentKeyCanBeReadBack(@ForAll("keys") RecordKey key) {
        assertThat(RocksLayout.recordKey(RocksLayout.currentKey(key))).isEqualTo(key);
    }

    @Property
    void currentKeysAreInTheOrderOfTheirText(@ForAll("keys") RecordKey one, @ForAll("keys") RecordKey other) {
        int order = Arrays.compareUnsigned(RocksLayout.currentKey(one), RocksLayout.currentKey(other));

        assertThat(Integer.signum(order)).isEqualTo(Integer.signum(KEY_ORDER.compare(one, other)));
    }

    @Property
    void historyKeysAreInTheOrderOfTextThenVersion(
            @ForAll("keys") RecordKey one,
            @ForAll @LongRange(min = 1) long oneVersion,
            @ForAll("keys") RecordKey other,
            @ForAll @LongRange(min = 1) long otherVersion) {
        int order = Arrays.compareUnsigned(
                RocksLayout.historyKey(one, oneVersion), RocksLayout.historyKey(other, otherVersion));

        int byText = KEY_ORDER.compare(one, other);
        int expected = byText != 0 ? byText : Long.compare(oneVersion, otherVersion);
        assertThat(Integer.signum(order)).isEqualTo(Integer.signum(expected));
    }

    @Property
    void aRecordOfTheHistoryCanBeReadBack(
            @ForAll("keys") RecordKey key,
            @ForAll @LongRange(min = 1) long version,
            @ForAll @LongRange(min = 1) long sequence,
            @ForAll @LongRange(min = 0) long committedAt,
            @ForAll("digests") ByteString digest,
            @ForAll byte[] record) {
        StoredRecord stored =
                new StoredRecord(key, version, sequence, committedAt, digest, ByteString.copyFrom(record));

        byte[] value = RocksLayout.value(stored);

        assertThat(RocksLayout.record(key, value)).isEqualTo(stored);
        assertThat(RocksLayout.historyRecord(RocksLayout.historyKey(key, version), value))
                .isEqualTo(stored);
    }

    @Property
    void aChangeCanBeReadBack(
            @ForAll("keys") RecordKey key,
            @ForAll @LongRange(min = 1) long version,
            @ForAll @LongRange(min = 1) long sequence,
            @ForAll @LongRange(min = 0) long committedAt) {
        byte[] digest = Records.digest(2).toByteArray();
        byte[] entry = RocksLayout.feedValue(sequence, committedAt, version, digest, RocksLayout.currentKey(key));

        assertThat(RocksLayout.change(entry)).isEqualTo(new Change(sequence, key, version));
        assertThat(LogEntry.decode(entry))
                .isEqualTo(new LogEntry(sequence, committedAt, version, new RecordDigest(Records.digest(2)), key));
    }

    @Property
    void feedKeysAreInTheOrderOfTheSequence(
            @ForAll @LongRange(min = 1) long one, @ForAll @LongRange(min = 1) long other) {
        int order = Arrays.compareUnsigned(RocksLayout.feedKey(one), RocksLayout.feedKey(other));

        assertThat(Integer.signum(order)).isEqualTo(Long.compare(one, other));
    }

    @Property
    void aKeyStartsWithAPrefixWhereItsIdentifierDoes(@ForAll("keys") RecordKey key, @ForAll("texts") String text) {
        byte[] prefix = RocksLayout.currentPrefix(key.kind(), key.scheme(), text);
        byte[] current = RocksLayout.currentKey(key);

        boolean isWithin = RocksLayout.startsWith(current, prefix);

        assertThat(isWithin).isEqualTo(key.identifier().startsWith(text));
    }

    @Provide
    Arbitrary<RecordKey> keys() {
        return Combinators.combine(
                        Arbitraries.of(RecordKind.ITEM, RecordKind.PREFIX),
                        Arbitraries.of(Scheme.class),
                        Arbitraries.oneOf(texts(), anyTexts()))
                .as(RecordKey::of);
    }

    /** Few characters, so that one text often starts another, and the zero that the history escapes. */
    @Provide
    Arbitrary<String> texts() {
        return Arbitraries.strings()
                .withChars('\0', '\u0001', 'a', '\u00ff', '\uffff')
                .ofMinLength(1)
                .ofMaxLength(5);
    }

    private static Arbitrary<String> anyTexts() {
        return Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(40)
                .filter(text -> text.chars().noneMatch(c -> Character.isSurrogate((char) c)));
    }

    @Provide
    Arbitrary<ByteString> digests() {
        return Arbitraries.bytes()
                .array(byte[].class)
                .ofSize(Write.DIGEST_BYTES)
                .map(ByteString::copyFrom);
    }
}
