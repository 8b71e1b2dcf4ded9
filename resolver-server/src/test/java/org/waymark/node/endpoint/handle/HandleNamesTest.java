package org.waymark.node.endpoint.handle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
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
import org.waymark.record.RecordKey;

class HandleNamesTest {

    private static RecordKey key(String handle) {
        return HandleNames.key(handle.getBytes(UTF_8));
    }

    private static byte[] plainKey(String handle) {
        byte[] bytes = ("??" + handle + "!").getBytes(UTF_8);
        byte[] out = new byte[HandleNames.MOST_KEY_BYTES + 5];
        int length = HandleNames.encodePlainKey(bytes, 2, bytes.length - 3, out, 5);
        return length < 0 ? null : Arrays.copyOfRange(out, 5, 5 + length);
    }

    @ParameterizedTest
    @CsvSource({
        "88.118.8/PUMP, 88.118.8/PUMP",
        "88.118.abc/Pump/2, 88.118.ABC/Pump/2",
        "20.500.12345/abc, 20.500.12345/abc",
        "10.1000/abc, 10.1000/ABC",
        "hdl:20.500/x, 20.500/x",
        "1.2.156.3088.1, 1.2.156.3088.1",
        "0|0001|6901234567892, 0|0001|6901234567892",
        "MA.156.1001.1234/5, MA.156.1001.1234/5",
        "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2, did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2",
        "https://id.example/01/09506000164908/21/12345, gs1:01/09506000164908/21/12345",
        "0.NA/88.118, prefix vaa:88.118",
        "0.na/88.118.abc, prefix vaa:88.118.ABC",
        "0.NA/20.500.12345, prefix hdl:20.500.12345",
        "0.NA/880.1, prefix hdl:880.1",
        "0.NA/ma.156, prefix ma:MA.156",
        "0.NA/oid:1.2.156, prefix oid:1.2.156",
        "0.NA/gs1, prefix gs1:gs1",
    })
    void aHandleNamesARecord(String handle, String record) {
        assertThat(key(handle)).hasToString(record);
    }

    @ParameterizedTest
    @ValueSource(strings = {"88.118", "88.118/", "/x", "0.NA/", "0.NA/88..1", "0.NA/nix:1", "88.118.8/a b"})
    void whatNamesNoRecordIsRefused(String handle) {
        assertThatThrownBy(() -> key(handle)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void bytesThatAreNoTextAreRefused() {
        assertThatThrownBy(() -> HandleNames.key(new byte[] {'8', '8', '.', '1', '/', (byte) 0xFF}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("UTF-8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"vaa:88.118.8", "hdl:20.500", "oid:1.2.156", "gs1:950600016490", "ma:MA.156", "ecode:0|0001"})
    void thePrefixThatAReferralNamesCanBeAskedFor(String prefix) {
        RecordKey key = key("0.NA/" + prefix);

        assertThat(key(HandleNames.prefixQuery(key))).isEqualTo(key);
    }

    @Test
    void plainHandlesNeedNoObjects() {
        assertThat(plainKey("88.118.8/PUMP")).isEqualTo(key("88.118.8/PUMP").encoded());
        assertThat(plainKey("88.abc/" + "x".repeat(1_000)))
                .isEqualTo(key("88.abc/" + "x".repeat(1_000)).encoded());
        assertThat(plainKey("20.500/x/y|z")).isEqualTo(key("20.500/x/y|z").encoded());
    }

    @Property(tries = 2_000)
    void theShortWayToAKeyLeadsWhereTheLongOneDoes(@ForAll("handles") String handle) {
        byte[] plain = plainKey(handle);
        RecordKey key;
        try {
            key = key(handle);
        } catch (IllegalArgumentException e) {
            return;
        }
        if (plain != null) {
            assertThat(plain).isEqualTo(key.encoded());
        }
    }

    @Provide
    Arbitrary<String> handles() {
        Arbitrary<String> prefixes = Arbitraries.of(
                        "88", "88.", "880", "10", "10.", "0.NA", "MA", "gs1:", "doi:", "20.5", "1")
                .flatMap(start -> Arbitraries.strings()
                        .withChars("0123456789.aZ|-_:")
                        .ofMaxLength(8)
                        .map(end -> start + end));
        Arbitrary<String> suffixes =
                Arbitraries.strings().withChars("abcXYZ019./|:\u00e9\u0301 ").ofMaxLength(12);
        return Combinators.combine(prefixes, Arbitraries.of("/", "/", "/", ""), suffixes)
                .as((prefix, slash, suffix) -> prefix + slash + suffix);
    }
}
