package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.v1.RecordKind;

class RecordDraftTest {

    private static final HashFunction HASH = HashFunction.SHA_256;

    private static void assertRefused(String field, ThrowingCallable call) {
        assertThatExceptionOfType(InvalidRecordException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.field()).isEqualTo(field));
    }

    @Test
    void anItemLivesADayAndHasNoEnd() {
        IdentifierRecord record = Drafts.unsigned(Drafts.item(), HASH);

        assertThat(record.key())
                .isEqualTo(RecordKey.of(
                        RecordKind.ITEM, Identifier.parse("88.118.8/x").scheme(), "88.118.8/JXDY2106023"));
        assertThat(record.owner()).isEqualTo(Drafts.OWNER);
        assertThat(record.version()).isEqualTo(1);
        assertThat(record.previous()).isEmpty();
        assertThat(record.ttlSeconds()).isEqualTo(86_400);
        assertThat(record.expiresAt()).isZero();
        assertThat(record.isRevoked()).isFalse();
    }

    @Test
    void aPrefixRecordNeedsAnEnd() {
        RecordDraft.Builder draft = Drafts.prefix().expiresAt(0);

        assertRefused("header.expires_at", () -> Drafts.unsigned(draft, HASH));
    }

    @Test
    void theNextVersionNamesTheDigestOfTheOneBefore() {
        IdentifierRecord first = Drafts.unsigned(Drafts.item().value(1, "URL", "a"), HASH);
        IdentifierRecord second = Drafts.unsigned(Drafts.item().following(first.version(), first.digest(HASH)), HASH);

        assertThat(second.version()).isEqualTo(2);
        assertThat(second.previous()).contains(first.digest(HASH));
    }

    @Test
    void valuesAreBroughtIntoOrderAsUnsignedNumbers() {
        IdentifierRecord record = Drafts.unsigned(
                Drafts.item()
                        .value(0xFFFF_FFFFL, "last", "c")
                        .value(1, "first", "a")
                        .value(0x8000_0000L, "middle", "b"),
                HASH);

        assertThat(record.values()).extracting(RecordValue::index).containsExactly(1L, 0x8000_0000L, 0xFFFF_FFFFL);
        assertThat(record.valuesMatchRoot(HASH)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, 0x1_0000_0000L})
    void anIndexOutOfBoundsIsRefused(long index) {
        assertRefused("values[0].index", () -> Drafts.item().value(index, "URL", "x"));
    }

    @Test
    void oneIndexTwiceIsRefused() {
        RecordDraft.Builder draft = Drafts.item().value(5, "a", "x").value(5, "b", "y");

        assertRefused("values[1].index", draft::build);
    }

    @Test
    void moreThan256ValuesAreRefused() {
        RecordDraft.Builder draft = Drafts.item();
        for (int i = 1; i <= 257; i++) {
            draft.value(i, "x", "");
        }

        assertRefused("values", draft::build);
    }

    @Test
    void aRecordOfMoreThan64KibIsRefused() {
        RecordDraft.Builder draft =
                Drafts.item().value(1, "a", new byte[40_000]).value(2, "b", new byte[40_000]);

        assertRefused("record", () -> Drafts.unsigned(draft, HASH));
    }

    @Test
    void aTypeOutOfBoundsIsRefused() {
        RecordDraft.Builder draft = Drafts.item().value(1, "", "x");

        assertRefused("values[0].type", draft::build);
    }

    @Test
    void aLoneSurrogateIsRefusedRatherThanReplaced() {
        assertRefused("values[0].type", () -> Drafts.item().value(1, "a\uD800", "x"));
        assertRefused("values[0].data", () -> Drafts.item().value(1, "a", "x\uDC00"));
    }

    @Test
    void textIsKeptAsItIs() {
        IdentifierRecord record = Drafts.unsigned(Drafts.item().value(1, "\u540d\u79f0", "\u6cf5\uD83D\uDD29"), HASH);

        assertThat(record.values().get(0).type()).isEqualTo("\u540d\u79f0");
        assertThat(record.values().get(0).data().toString(StandardCharsets.UTF_8))
                .isEqualTo("\u6cf5\uD83D\uDD29");
    }

    @Test
    void aRestrictedValueNeedsReadersOfTheRecordsScheme() {
        byte[] data = {1};

        assertRefused("values[0].readers", () -> Drafts.item().restrictedValue(1, "price", data, List.of()));
        assertRefused(
                "values[0].readers",
                () -> Drafts.item().restrictedValue(1, "price", data, List.of(Prefix.parse("oid:1.2.156"))));
    }

    @Test
    void aRestrictedValueHasASaltOfItsOwn() {
        List<Prefix> readers = List.of(Prefix.parse("vaa:88.118.900"));
        IdentifierRecord record = Drafts.unsigned(
                Drafts.item()
                        .restrictedValue(1, "a", new byte[1], readers)
                        .restrictedValue(2, "a", new byte[1], readers),
                HASH);

        assertThat(record.values().get(0).encoded().substring(2))
                .isNotEqualTo(record.values().get(1).encoded().substring(2));
    }

    @Test
    void aVersionAfterTheLastNumberIsRefused() {
        IdentifierRecord first = Drafts.unsigned(Drafts.item(), HASH);
        RecordDraft.Builder draft = Drafts.item().following(Long.MAX_VALUE, first.digest(HASH));

        assertRefused("header.version", () -> Drafts.unsigned(draft, HASH));
    }

    @Test
    void theHeadersBytesAreThoseThatAreSigned() {
        RecordDraft draft = Drafts.item().value(1, "URL", "a").build();
        IdentifierRecord record = draft.signed(draft.headerFor(Drafts.KEY_ID, HASH), Drafts.NO_SIGNATURE, null);

        assertThat(record.headerBytes()).isEqualTo(draft.headerFor(Drafts.KEY_ID, HASH));
        assertThat(record.headerLeaf(HASH)).isEqualTo(RecordDraft.headerLeaf(HASH, record.headerBytes()));
        assertThat(record.key()).isEqualTo(draft.key());
    }

    @Test
    void aDigestOfAnotherHashOrLengthIsRefused() {
        assertThatThrownBy(() -> new RecordDigest(Drafts.KEY_ID)).isInstanceOf(InvalidRecordException.class);
    }
}
