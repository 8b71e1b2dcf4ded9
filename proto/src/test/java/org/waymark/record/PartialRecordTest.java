package org.waymark.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.v1.Disclosure;
import org.waymark.v1.SignedRecord;

class PartialRecordTest {

    private static final HashFunction HASH = HashFunction.SHA_256;
    private static final long ABSENT = 4_000_000_000L;

    private static IdentifierRecord withValues(HashFunction hash, int count) {
        RecordDraft.Builder draft = Drafts.item();
        for (int i = 1; i <= count; i++) {
            draft.value(i, "type" + i, "data of " + i);
        }
        return Drafts.unsigned(draft, hash);
    }

    /** The indexes 1 to 32 of the bits that are set. */
    private static Set<Long> indexes(int bits) {
        Set<Long> indexes = new HashSet<>();
        for (int i = 0; i < 32; i++) {
            if ((bits >> i & 1) == 1) {
                indexes.add(i + 1L);
            }
        }
        return indexes;
    }

    /** Selects, where an empty set means none rather than all. */
    private static IdentifierRecord select(HashFunction hash, IdentifierRecord record, int bits) {
        Set<Long> indexes = indexes(bits);
        indexes.add(ABSENT);
        return record.select(hash, indexes, List.of());
    }

    private static Set<Long> indexesOf(IdentifierRecord record) {
        Set<Long> indexes = new HashSet<>();
        record.values().forEach(value -> indexes.add(value.index()));
        return indexes;
    }

    @ParameterizedTest
    @EnumSource
    void everySubsetOfUpToEightValuesMatchesTheRoot(HashFunction hash) {
        for (int count = 0; count <= 8; count++) {
            IdentifierRecord whole = withValues(hash, count);
            for (int bits = 0; bits < 1 << count; bits++) {
                IdentifierRecord part = select(hash, whole, bits);
                IdentifierRecord parsed = IdentifierRecord.parse(part.encoded());

                assertThat(parsed.valuesMatchRoot(hash))
                        .as("%d of %d", bits, count)
                        .isTrue();
                assertThat(indexesOf(parsed)).isEqualTo(indexes(bits)).isEqualTo(indexesOf(part));
                assertThat(parsed.headerBytes()).isEqualTo(whole.headerBytes());
                assertThat(parsed.isPartial()).isEqualTo(bits != (1 << count) - 1);
            }
        }
    }

    @Test
    void thePublicViewOfARecordAtItsLimitIsReadThoughItIsLonger() {
        RecordDraft.Builder draft = Drafts.item();
        for (int i = 1; i < Limits.VALUES; i++) {
            draft.restrictedValue(i, "t", new byte[0], List.of(Prefix.parse("88")));
        }
        int rest = Limits.RECORD_BYTES - Drafts.unsigned(draft, HASH).encoded().size();
        draft.value(5_000, "t", new byte[rest - 32]);
        IdentifierRecord whole = Drafts.unsigned(draft, HASH);

        IdentifierRecord view = whole.publicView(HASH);

        assertThat(whole.encoded().size()).isBetween(Limits.RECORD_BYTES - 32, Limits.RECORD_BYTES);
        assertThat(IdentifierRecord.parse(view.encoded()).valuesMatchRoot(HASH)).isTrue();
    }

    @Test
    void aSelectionOfASelectionIsTheSelectionOfBoth() {
        int count = 6;
        IdentifierRecord whole = withValues(HASH, count);
        for (int first = 0; first < 1 << count; first++) {
            IdentifierRecord part = select(HASH, whole, first);
            for (int second = 0; second < 1 << count; second++) {
                assertThat(select(HASH, part, second).encoded())
                        .isEqualTo(select(HASH, whole, first & second).encoded());
            }
        }
    }

    @Property(tries = 60)
    void subsetsOfManyValuesMatchTheRoot(@ForAll @IntRange(min = 9, max = 256) int count, @ForAll long seed) {
        IdentifierRecord whole = withValues(HASH, count);
        Random random = new Random(seed);
        Set<Long> wanted = new HashSet<>(Set.of(ABSENT));
        for (long index = 1; index <= count; index++) {
            if (random.nextInt(4) == 0) {
                wanted.add(index);
            }
        }
        IdentifierRecord part =
                IdentifierRecord.parse(whole.select(HASH, wanted, List.of()).encoded());

        assertThat(part.valuesMatchRoot(HASH)).isTrue();
        wanted.remove(ABSENT);
        assertThat(indexesOf(part)).isEqualTo(wanted);
    }

    @Test
    void anEmptySelectionCarriesTheRootAlone() throws Exception {
        IdentifierRecord none = select(HASH, withValues(HASH, 5), 0);
        Disclosure disclosure = SignedRecord.parseFrom(none.encoded()).getDisclosure();

        assertThat(none.values()).isEmpty();
        assertThat(disclosure.getSiblings()).hasSize(32);
        assertThat(none.valuesMatchRoot(HASH)).isTrue();
    }

    @Test
    void aRecordWithoutValuesIsWhole() {
        IdentifierRecord record = withValues(HASH, 0);

        assertThat(record.isPartial()).isFalse();
        assertThat(record.valuesMatchRoot(HASH)).isTrue();
        assertThat(select(HASH, record, 0)).isSameAs(record);
    }

    @Test
    void selectingNothingInParticularGivesTheRecordItself() {
        IdentifierRecord record = withValues(HASH, 3);

        assertThat(record.select(HASH, Set.of(), List.of())).isSameAs(record);
        assertThat(record.select(HASH, Set.of(1L, 2L, 3L), List.of())).isSameAs(record);
        assertThat(record.publicView(HASH)).isSameAs(record);
    }

    @Test
    void aTypeThatEndsWithADotStandsForAllBelowIt() {
        IdentifierRecord record = Drafts.unsigned(
                Drafts.item()
                        .value(1, "URL", "a")
                        .value(2, "URL.cn", "b")
                        .value(3, "URLs", "c")
                        .value(4, "model", "d"),
                HASH);

        assertThat(indexesOf(record.select(HASH, Set.of(), List.of("URL.")))).containsExactlyInAnyOrder(1L, 2L);
        assertThat(indexesOf(record.select(HASH, Set.of(), List.of("URL")))).containsExactly(1L);
        assertThat(indexesOf(record.select(HASH, Set.of(3L), List.of("model")))).containsExactlyInAnyOrder(3L, 4L);
    }

    @Property(tries = 100)
    void thePublicViewHoldsNothingOfARestrictedValue(@ForAll @Size(min = 1, max = 12) List<Boolean> restricted)
            throws Exception {
        RecordDraft.Builder draft = Drafts.item();
        List<Prefix> readers = List.of(Prefix.parse("vaa:88.118.900"));
        for (int i = 0; i < restricted.size(); i++) {
            byte[] data = ("secret number " + i + ".").getBytes();
            if (restricted.get(i)) {
                draft.restrictedValue(i + 1, "hidden" + i, data, readers);
            } else {
                draft.value(i + 1, "shown" + i, data);
            }
        }
        IdentifierRecord whole = Drafts.unsigned(draft, HASH);
        IdentifierRecord view = whole.publicView(HASH);
        String bytes = latin1(view.encoded());

        assertThat(IdentifierRecord.parse(view.encoded()).valuesMatchRoot(HASH)).isTrue();
        assertThat(view.hasRestrictedValues()).isFalse();
        assertThat(view.publicView(HASH)).isSameAs(view);
        assertThat(bytes).doesNotContain("hidden").doesNotContain("88.118.900");
        for (int i = 0; i < restricted.size(); i++) {
            assertThat(bytes.contains("secret number " + i + ".")).isEqualTo(!restricted.get(i));
        }
        for (ByteString value : SignedRecord.parseFrom(whole.encoded()).getValuesList()) {
            RecordValue read = RecordValue.parse("value", value);
            if (!read.isPublic()) {
                String salt = latin1(org.waymark.v1.Value.parseFrom(value).getSalt());
                assertThat(bytes).doesNotContain(salt);
            }
        }
    }

    @Test
    void equalRestrictedValuesHaveDifferentDigests() {
        List<Prefix> readers = List.of(Prefix.parse("vaa:88.118.900"));
        IdentifierRecord first = Drafts.unsigned(Drafts.item().restrictedValue(1, "price", new byte[1], readers), HASH);
        IdentifierRecord second =
                Drafts.unsigned(Drafts.item().restrictedValue(1, "price", new byte[1], readers), HASH);

        assertThat(first.publicView(HASH).encoded())
                .isNotEqualTo(second.publicView(HASH).encoded());
    }

    @Test
    void tooFewOrTooManyDigestsAreRefused() throws Exception {
        SignedRecord part =
                SignedRecord.parseFrom(select(HASH, withValues(HASH, 8), 0b0001).encoded());
        ByteString siblings = part.getDisclosure().getSiblings();

        for (ByteString wrong :
                List.of(siblings.substring(32), siblings.concat(siblings.substring(0, 32)), ByteString.EMPTY)) {
            IdentifierRecord record = withSiblings(part, wrong);
            assertThatExceptionOfType(InvalidRecordException.class)
                    .isThrownBy(() -> record.valuesMatchRoot(HASH))
                    .satisfies(e -> assertThat(e.field()).isEqualTo("disclosure.siblings"));
        }
    }

    @Test
    void aValueAtAnotherPlaceDoesNotMatchTheRoot() throws Exception {
        SignedRecord part =
                SignedRecord.parseFrom(select(HASH, withValues(HASH, 8), 0b0001).encoded());
        for (int leaf = 1; leaf < 8; leaf++) {
            SignedRecord.Builder moved = part.toBuilder();
            moved.getDisclosureBuilder().setLeaves(0, leaf);
            IdentifierRecord record = IdentifierRecord.parse(moved.build().toByteString());

            assertThat(record.valuesMatchRoot(HASH)).as("leaf %d", leaf).isFalse();
        }
    }

    @Test
    void changedDigestsDoNotMatchTheRoot() throws Exception {
        SignedRecord part = SignedRecord.parseFrom(
                select(HASH, withValues(HASH, 8), 0b0100_0001).encoded());
        byte[] siblings = part.getDisclosure().getSiblings().toByteArray();
        for (int i = 0; i < siblings.length; i++) {
            byte[] changed = siblings.clone();
            changed[i] ^= 1;
            assertThat(withSiblings(part, ByteString.copyFrom(changed)).valuesMatchRoot(HASH))
                    .isFalse();
        }
    }

    private static IdentifierRecord withSiblings(SignedRecord part, ByteString siblings) {
        SignedRecord.Builder changed = part.toBuilder();
        changed.getDisclosureBuilder().setSiblings(siblings);
        return IdentifierRecord.parse(changed.build().toByteString());
    }

    private static String latin1(ByteString bytes) {
        return bytes.toString(StandardCharsets.ISO_8859_1);
    }
}
