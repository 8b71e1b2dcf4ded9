package org.waymark.node.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.waymark.node.cache.Answers.MAKER;
import static org.waymark.node.cache.Answers.PUMP;
import static org.waymark.node.cache.Answers.owned;
import static org.waymark.node.cache.Answers.prefix;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.waymark.identifier.Scheme;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

class RedisEntryTest {

    private final OwnerKeys owners = new OwnerKeys();

    private Optional<StoredAnswer> decode(byte[] bytes) {
        return RedisEntry.decode(ByteBuffer.wrap(bytes), owners);
    }

    @Provide
    Arbitrary<StoredAnswer> answers() {
        Arbitrary<Outcome> outcomes =
                Arbitraries.of(Outcome.RECORD, Outcome.RECORD_REVOKED, Outcome.REFERRAL, Outcome.NOT_FOUND);
        Arbitrary<byte[]> payloads = Arbitraries.bytes().array(byte[].class).ofMaxSize(300);
        Arbitrary<RecordKey> owners = Arbitraries.of(
                MAKER, prefix("88"), RecordKey.of(RecordKind.PREFIX, Scheme.GS1, "950600016490"), prefix("88.118"));
        return Combinators.combine(
                        outcomes,
                        payloads,
                        Arbitraries.longs().greaterOrEqual(0),
                        Arbitraries.longs().greaterOrEqual(1),
                        owners)
                .as(StoredAnswer::new);
    }

    @Property
    void whatIsEncodedIsDecoded(@ForAll("answers") StoredAnswer answer) {
        assertThat(decode(RedisEntry.encode(answer)))
                .hasValueSatisfying(decoded -> assertThat(decoded)
                        .usingRecursiveComparison()
                        .withEqualsForType(RecordKey::equals, RecordKey.class)
                        .isEqualTo(answer));
    }

    @Property
    void theScriptsFindTheSequenceWhereTheyLookForIt(@ForAll("answers") StoredAnswer answer) {
        byte[] bytes = RedisEntry.encode(answer);

        assertThat(bytes[0]).isEqualTo((byte) 1);
        assertThat(ByteBuffer.wrap(bytes, 2, 8).getLong()).isEqualTo(answer.sequence());
    }

    @Property
    void garbageIsNoEntry(@ForAll @Size(max = 100) byte[] garbage) {
        assertThat(decode(garbage)).isEmpty();
    }

    @Property
    void anEntryWithAChangedFrontIsDecodedOrRefusedButNeverFails(
            @ForAll("answers") StoredAnswer answer, @ForAll byte change, @ForAll int place) {
        byte[] bytes = RedisEntry.encode(answer);
        bytes[Math.floorMod(place, Math.min(bytes.length, 40))] ^= change;

        decode(bytes)
                .ifPresent(decoded -> assertThat(RedisEntry.encode(decoded)).isEqualTo(bytes));
    }

    @Property
    void aTruncatedFrontIsNoEntry(@ForAll("answers") StoredAnswer answer) {
        byte[] bytes = RedisEntry.encode(answer);
        int front = bytes.length - answer.payload().length;
        for (int length = 0; length < front; length++) {
            assertThat(decode(Arrays.copyOf(bytes, length))).isEmpty();
        }
    }

    @Example
    void anOwnerThatIsNoPrefixIsRefused() {
        RecordKey notCanonical = RecordKey.of(RecordKind.PREFIX, Scheme.HANDLE, "20.abc");
        RecordKey notAPrefix = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "no prefix at all");

        for (RecordKey owner : new RecordKey[] {PUMP, notCanonical, notAPrefix}) {
            assertThat(decode(RedisEntry.encode(owned(owner, "one", 5, 9)))).isEmpty();
        }
    }
}
