package org.waymark.identifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.Limits;

class IdentifierTest {

    private static Arguments good(Scheme scheme, String text, String canonical, String prefix, String suffix) {
        return arguments(scheme, text, canonical, prefix, suffix);
    }

    static Stream<Arguments> goodTexts() {
        String credit = "91430100MA4L1N0X2F";
        return Stream.of(
                good(Scheme.VAA, "88.118.8/JXDY2106023", "88.118.8/JXDY2106023", "88.118.8", "JXDY2106023"),
                good(Scheme.VAA, "88.1021.150/002", "88.1021.150/002", "88.1021.150", "002"),
                good(Scheme.VAA, "88.608.8899/META_zj02", "88.608.8899/META_zj02", "88.608.8899", "META_zj02"),
                good(Scheme.VAA, "88.101.0042/x", "88.101.0042/x", "88.101.0042", "x"),
                good(Scheme.VAA, "88.118.91430100ma4l1n0x2f/x", "88.118." + credit + "/x", "88.118." + credit, "x"),
                good(Scheme.VAA, "88/x", "88/x", "88", "x"),
                good(Scheme.VAA, "88.1.2.3.4.5/a", "88.1.2.3.4.5/a", "88.1.2.3.4.5", "a"),
                good(Scheme.VAA, "88.118.8/a:b/c//d|e", "88.118.8/a:b/c//d|e", "88.118.8", "a:b/c//d|e"),
                good(
                        Scheme.VAA,
                        "88.118.8/\u6316\u6398\u673A-7",
                        "88.118.8/\u6316\u6398\u673A-7",
                        "88.118.8",
                        "\u6316\u6398\u673A-7"),
                good(
                        Scheme.VAA,
                        "88.1/a" + "\u0315".repeat(30),
                        "88.1/a" + "\u0315".repeat(30),
                        "88.1",
                        "a" + "\u0315".repeat(30)),
                good(Scheme.VAA, "88.118.8/e\u0301", "88.118.8/\u00e9", "88.118.8", "\u00e9"),
                good(Scheme.VAA, "88.118.8/\ud83d\ude9c", "88.118.8/\ud83d\ude9c", "88.118.8", "\ud83d\ude9c"),
                good(Scheme.HANDLE, "20.500.12345/abc", "20.500.12345/abc", "20.500.12345", "abc"),
                good(Scheme.HANDLE, "86.709.612/cc", "86.709.612/cc", "86.709.612", "cc"),
                good(Scheme.HANDLE, "4263537/4000", "4263537/4000", "4263537", "4000"),
                good(Scheme.HANDLE, "0.na/20.500", "0.NA/20.500", "0.NA", "20.500"),
                good(Scheme.HANDLE, "hdl:cnri-x.y_z/Ab|c", "CNRI-X.Y_Z/Ab|c", "CNRI-X.Y_Z", "Ab|c"),
                good(Scheme.HANDLE, "880.1/x", "880.1/x", "880.1", "x"),
                good(Scheme.HANDLE, "max/x", "MAX/x", "MAX", "x"),
                good(Scheme.HANDLE, "10.1000/182", "10.1000/182", "10.1000", "182"),
                good(Scheme.HANDLE, "DOI:10.1000/abC\u00e9", "10.1000/ABC\u00e9", "10.1000", "ABC\u00e9"),
                good(Scheme.HANDLE, "10.1000/i\u0307", "10.1000/\u0130", "10.1000", "\u0130"),
                good(Scheme.GS1, "09506000164908", "gs1:01/09506000164908", "950600016490", "01/09506000164908"),
                good(Scheme.GS1, "9506000164908", "gs1:01/09506000164908", "950600016490", "01/09506000164908"),
                good(Scheme.GS1, "614141123452", "gs1:01/00614141123452", "061414112345", "01/00614141123452"),
                good(Scheme.GS1, "12345670", "gs1:01/00000012345670", "gs1", "01/00000012345670"),
                good(
                        Scheme.GS1,
                        "(21)a\\(b(01)09506000164908(10)L/1",
                        "gs1:01/09506000164908/10/L%2F1/21/a%28b",
                        "950600016490",
                        "01/09506000164908/10/L%2F1/21/a%28b"),
                good(
                        Scheme.GS1,
                        "HTTPS://id.example.com/a/01/b/01/9506000164908/22/v/10/l%2f/21/1%2B%41?17=261231#x",
                        "gs1:01/09506000164908/22/v/10/l%2F/21/1%2BA",
                        "950600016490",
                        "01/09506000164908/22/v/10/l%2F/21/1%2BA"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:sgtin:0614141.112345.400",
                        "gs1:01/10614141123459/21/400",
                        "061414112345",
                        "01/10614141123459/21/400"),
                good(
                        Scheme.GS1,
                        "urn:epc:class:lgtin:4012345.012345.998877",
                        "gs1:01/04012345123456/10/998877",
                        "401234512345",
                        "01/04012345123456/10/998877"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:sscc:0614141.1234567890",
                        "gs1:00/106141412345678908",
                        "0614141234567890",
                        "00/106141412345678908"),
                good(
                        Scheme.GS1,
                        "(00)106141412345678908",
                        "gs1:00/106141412345678908",
                        "0614141234567890",
                        "00/106141412345678908"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:sgln:0614141.12345.400",
                        "gs1:414/0614141123452/254/400",
                        "061414112345",
                        "414/0614141123452/254/400"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:sgln:061414112345..0",
                        "gs1:414/0614141123452",
                        "061414112345",
                        "414/0614141123452"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:grai:0614141.12345.400",
                        "gs1:8003/00614141123452400",
                        "061414112345",
                        "8003/00614141123452400"),
                good(
                        Scheme.GS1,
                        "urn:epc:id:giai:0614141.AB%2F12",
                        "gs1:8004/0614141AB%2F12",
                        "0614141",
                        "8004/0614141AB%2F12"),
                good(Scheme.GS1, "(8004)12X", "gs1:8004/12X", "gs1", "8004/12X"),
                good(
                        Scheme.GS1,
                        "https://example.com/253/4602443000331XYZ",
                        "gs1:253/4602443000331XYZ",
                        "460244300033",
                        "253/4602443000331XYZ"),
                good(
                        Scheme.GS1,
                        "https://id.example.com/01/09521321000018/235/2CB%25",
                        "gs1:01/09521321000018/235/2CB%25",
                        "952132100001",
                        "01/09521321000018/235/2CB%25"),
                good(
                        Scheme.GS1,
                        "(255)9521321000018123",
                        "gs1:255/9521321000018123",
                        "952132100001",
                        "255/9521321000018123"),
                good(Scheme.GS1, "(401)9521321AB/1", "gs1:401/9521321AB%2F1", "9521321", "401/9521321AB%2F1"),
                good(
                        Scheme.GS1,
                        "(402)95213210000012349",
                        "gs1:402/95213210000012349",
                        "9521321000001234",
                        "402/95213210000012349"),
                good(Scheme.GS1, "(410)9521321000018", "gs1:410/9521321000018", "952132100001", "410/9521321000018"),
                good(
                        Scheme.GS1,
                        "(8020)INV-7(415)9521321000018",
                        "gs1:415/9521321000018/8020/INV-7",
                        "952132100001",
                        "415/9521321000018/8020/INV-7"),
                good(
                        Scheme.GS1,
                        "https://example.com/417/9521321000018/7040/1A%25-",
                        "gs1:417/9521321000018/7040/1A%25-",
                        "952132100001",
                        "417/9521321000018/7040/1A%25-"),
                good(
                        Scheme.GS1,
                        "(414)9521321000018(7040)1ABC",
                        "gs1:414/9521321000018/7040/1ABC",
                        "952132100001",
                        "414/9521321000018/7040/1ABC"),
                good(
                        Scheme.GS1,
                        "(8006)095213210000180102(21)7",
                        "gs1:8006/095213210000180102/21/7",
                        "952132100001",
                        "8006/095213210000180102/21/7"),
                good(
                        Scheme.GS1,
                        "(8010)9521321-AB#1(8011)12",
                        "gs1:8010/9521321-AB%231/8011/12",
                        "9521321",
                        "8010/9521321-AB%231/8011/12"),
                good(
                        Scheme.GS1,
                        "(8013)1987654Ad4X4bL5ttr2310c2K",
                        "gs1:8013/1987654Ad4X4bL5ttr2310c2K",
                        "1987654",
                        "8013/1987654Ad4X4bL5ttr2310c2K"),
                good(
                        Scheme.GS1,
                        "(8017)952132100000123454(8019)42",
                        "gs1:8017/952132100000123454/8019/42",
                        "9521321000001234",
                        "8017/952132100000123454/8019/42"),
                good(
                        Scheme.GS1,
                        "(8018)952132100000123454",
                        "gs1:8018/952132100000123454",
                        "9521321000001234",
                        "8018/952132100000123454"),
                good(Scheme.OID, "1.2.156.3088.1", "1.2.156.3088.1", "1.2.156.3088", "1"),
                good(Scheme.OID, "urn:oid:2.999", "2.999", "2", "999"),
                good(Scheme.OID, "0.39", "0.39", "0", "39"),
                good(Scheme.OID, "2.40.0", "2.40.0", "2.40", "0"),
                good(Scheme.ECODE, "0|0001|6901234567892", "0|0001|6901234567892", "0|0001", "6901234567892"),
                good(Scheme.ECODE, "3|00121|a/b|c", "3|00121|a/b|c", "3|00121", "a/b|c"),
                good(Scheme.MA, "ma.156.1001.1234/5/a", "MA.156.1001.1234/5/a", "MA.156.1001.1234", "5/a"),
                good(Scheme.MA, "MA.156.a1.Bc", "MA.156.A1.Bc", "MA.156.A1", "Bc"),
                good(Scheme.MA, "MA.156.a1.B|c", "MA.156.A1.B|c", "MA.156.A1", "B|c"),
                good(
                        Scheme.BID,
                        "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2",
                        "did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2",
                        "did:bid",
                        "efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2"),
                good(
                        Scheme.BID,
                        "did:bid:Ac01:zsQUJDREVGR0hJSktMTU5PUA==",
                        "did:bid:Ac01:zsQUJDREVGR0hJSktMTU5PUA==",
                        "did:bid:Ac01",
                        "zsQUJDREVGR0hJSktMTU5PUA=="));
    }

    @ParameterizedTest
    @MethodSource("goodTexts")
    void isReadWithItsSchemeAndParts(Scheme scheme, String text, String canonical, String prefix, String suffix) {
        Identifier identifier = Identifier.parse(text);

        assertThat(identifier.scheme()).isEqualTo(scheme);
        assertThat(identifier.canonical()).isEqualTo(canonical).isEqualTo(identifier.toString());
        assertThat(identifier.prefix()).isEqualTo(Prefix.of(scheme, prefix));
        assertThat(identifier.prefix().canonical()).isEqualTo(prefix);
        assertThat(identifier.suffix()).isEqualTo(suffix);
        assertThat(Identifier.parse(canonical)).isEqualTo(identifier).hasSameHashCodeAs(identifier);
        assertThat(Identifier.parse(scheme, text)).isEqualTo(identifier);
        assertThat(Identifier.isCanonical(scheme, text)).isEqualTo(text.equals(canonical));
        assertThat(Identifier.isCanonical(scheme, canonical)).isTrue();
    }

    @ParameterizedTest
    @MethodSource("goodTexts")
    void aCanonicalTextIsRefusedByEveryOtherScheme(
            Scheme scheme, String text, String canonical, String prefix, String suffix) {
        for (Scheme other : Scheme.values()) {
            assertThat(Identifier.isCanonical(other, canonical))
                    .as(other.name())
                    .isEqualTo(other == scheme);
        }
    }

    private static Arguments bad(String text, int position, String message) {
        return arguments(text, position, message);
    }

    static Stream<Arguments> badTexts() {
        String seg64 = "9".repeat(64);
        return Stream.of(
                bad("", 0, "nothing"),
                bad("abc", 0, "no known scheme"),
                bad(" 88.1/x", 0, "U+0020"),
                bad("88.1/x ", 6, "U+0020"),
                bad("88.1/a\u3000b", 6, "U+3000"),
                bad("88.1/a\u0000b", 6, "U+0000"),
                bad("88.1/a\u202eb", 6, "U+202E"),
                bad("88.1/a\ud800", 6, "U+D800"),
                bad("88.1/\udc00a", 5, "U+DC00"),
                bad("88.1/\uffff", 5, "U+FFFF"),
                bad("88.1/a" + "\u0301".repeat(31), 36, "too many marks"),
                bad("88.1/a" + "\u0344".repeat(16), 5, "too many marks"),
                bad("88.118.8", 8, "no '/'"),
                bad("88..1/x", 3, "empty segment"),
                bad("88.1|2/x", 4, "unexpected '|'"),
                bad("88.1./x", 5, "empty segment"),
                bad("88./x", 3, "empty segment"),
                bad("88.1-2/x", 4, "unexpected '-'"),
                bad("88.\u0661/x", 3, "unexpected U+0661"),
                bad("88.1/", 5, "empty suffix"),
                bad("88." + seg64 + "9/x", 67, "segment too long"),
                bad("88." + (seg64 + ".").repeat(3) + seg64 + "/x", 0, "a prefix of 262 bytes"),
                bad("/x", 0, "empty segment"),
                bad("20.500/", 7, "empty suffix"),
                bad("20:500/x", 2, "unexpected ':'"),
                bad("hdl:88.1/x", 4, "another scheme"),
                bad("MA/x", 0, "another scheme"),
                bad("doi:20.500/x", 4, "first segment other than 10"),
                bad("hdl:20.500", 10, "no '/'"),
                bad("9506000164905", 12, "the check digit of these digits is 8"),
                bad("1234567", 0, "GTIN of 7 characters"),
                bad("(01)09506000164908(21)" + "1".repeat(21), 42, "value too long"),
                bad("(01)09506000164908(21)", 22, "empty value"),
                bad("(01)09506000164908(21)a(21)b", 23, "second (21)"),
                bad("(01)09506000164908(17)261231", 18, "unexpected (17)"),
                bad("(01)09506000164908(00)106141412345678908", 18, "second key (00)"),
                bad("(01)0950600016490X", 17, "unexpected 'X'"),
                bad("(01)09506000164908(21)\u00e9", 22, "unexpected U+00E9"),
                bad("(21)a", 0, "no identification key"),
                bad("(0", 2, "end of text"),
                bad("(1)x", 2, "unexpected ')'"),
                bad("(00)1061414123456789", 20, "SSCC of 16 characters"),
                bad("(00)1061414123456789081", 22, "SSCC of 19 characters"),
                bad("(8003)10614141123452", 6, "first digit other than 0"),
                bad("(01)09521321000018(235)a(21)b", 24, "(21) beside (235)"),
                bad("(01)09521321000018(21)a#b", 23, "unexpected '#'"),
                bad("(8004)9521321#", 13, "unexpected '#'"),
                bad("(255)9521321000018A", 18, "unexpected 'A'"),
                bad("(8006)095213210000180302", 20, "piece 3 of 2"),
                bad("(8006)095213210000120102", 19, "the check digit of these digits is 8"),
                bad("(8010)9521321a", 13, "unexpected 'a'"),
                bad("(8010)9521321A(8011)012", 20, "unexpected '0'"),
                bad("(8013)1987654Ad4X4bL5ttr2310c2L", 29, "the check characters of this model number are 2K"),
                bad("(8013)19", 6, "GMN of two characters"),
                bad("(8018)952132100000123454(8019)4x", 31, "unexpected 'x'"),
                bad("(417)9521321000018(7040)1A", 26, "value too short"),
                bad("(417)9521321000018(7040)1AB%", 27, "unexpected '%'"),
                bad("(417)9521321000018(254)1", 18, "unexpected (254)"),
                bad("gs1:", 4, "no identification key"),
                bad("gs1:01/", 7, "empty value"),
                bad("gs1:01/09506000164908/21/a%2", 26, "incomplete escape"),
                bad("gs1:01/09506000164908/21/a%0A", 26, "unexpected U+000A"),
                bad("gs1:01/09506000164908/21/a%C3%A9", 26, "unexpected U+00C3"),
                bad("gs1:x/01/09506000164908", 4, "no identification key"),
                bad("https://example.com", 19, "no path"),
                bad("https://example.com?a/01/09506000164908", 19, "no path"),
                bad("https:///01/09506000164908", 8, "no host"),
                bad("https://example.com/about/us", 20, "no application identifier"),
                bad("https://example.com/01/09506000164905/21/1", 36, "is 8"),
                bad("https://example.com/01/09506000164908/", 38, "empty value"),
                bad("urn:epc:idpat:sgtin:0614141.112345.*", 8, "unknown type of EPC"),
                bad("urn:epc:id:sgtin:0614141.11234.400", 25, "after a company prefix of 7 digits it has 6"),
                bad("urn:epc:id:sgtin:0614141.112345", 31, "end of text"),
                bad("urn:epc:id:sgtin:06141.11234567.4", 17, "company prefix of 5 digits"),
                bad("urn:epc:id:sgtin:0614141.11234x.400", 30, "unexpected 'x'"),
                bad("urn:epc:id:sgtin:0614141.112345.", 32, "empty value"),
                bad("urn:epc:id:giai:0614141.", 24, "end of text"),
                bad("1.02.3", 2, "leading zero"),
                bad("1..3", 2, "empty arc"),
                bad("1.2.", 4, "empty arc"),
                bad("3.1", 0, "first arc over 2"),
                bad("1.40", 2, "second arc over 39"),
                bad("0.100", 2, "second arc over 39"),
                bad("urn:oid:1", 9, "only one arc"),
                bad("urn:oid:1.x", 10, "unexpected 'x'"),
                bad("0|001|1", 5, "unexpected '|'"),
                bad("0|000001|1", 7, "unexpected '1'"),
                bad("x|0001|1", 0, "unexpected 'x'"),
                bad("00|0001|1", 1, "unexpected '0'"),
                bad("0|0001|", 7, "empty suffix"),
                bad("0|0001", 6, "end of text"),
                bad("MA..1", 3, "empty segment"),
                bad("MA.", 3, "empty suffix"),
                bad("88.118.8/\uFFFD", 9, "U+FFFD"),
                bad("MA.156.", 7, "empty suffix"),
                bad("did:bid:efnVUgqQFfYeu97ABf6sGm3", 31, "too short"),
                bad("did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB0", 39, "Base58"),
                bad("did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2" + "1".repeat(18), 57, "too long"),
                bad("did:bid:xfnVUgqQFfYeu97ABf6sGm3WFtVXHZB2", 8, "key is e, z or s"),
                bad("did:bid:exnVUgqQFfYeu97ABf6sGm3WFtVXHZB2", 9, "encoding is f, s or t"),
                bad("did:bid:ac1:efnVUgqQFfYeu97ABf6sGm3WFtVX", 8, "AC code of 3 characters"),
                bad("did:bid:ac_1:efnVUgqQFfYeu97ABf6sGm3WFtV", 10, "unexpected '_'"),
                bad("did:bid:esQUJD=EVGR0hJSktMTU5PUDEy", 14, "'=' inside"),
                bad("did:bid:etqpzry9x8gf2tvdw0s3jn54b", 32, "Bech32"),
                bad("did:bid:", 8, "end of text"));
    }

    @ParameterizedTest
    @MethodSource("badTexts")
    void isRefusedWithPositionAndRule(String text, int position, String message) {
        InvalidIdentifierException refusal =
                catchThrowableOfType(InvalidIdentifierException.class, () -> Identifier.parse(text));

        assertThat(refusal).hasMessageContaining(message).hasMessageContaining("at position " + position + "; ");
        assertThat(refusal.position()).isEqualTo(position);
        assertThat(refusal.text()).isEqualTo(text);
        assertThat(refusal.getMessage()).endsWith(refusal.rule());
    }

    @Test
    void theLimitIsOfBytesAndComesFirst() {
        String longest = "88.1/" + "\u6316".repeat((Limits.IDENTIFIER_BYTES - 5) / 3);
        assertThat(Identifier.parse(longest).canonical()).isEqualTo(longest);

        assertThatThrownBy(() -> Identifier.parse(longest + "abc"))
                .isInstanceOf(InvalidIdentifierException.class)
                .hasMessageContaining("too long at position " + longest.length());
        assertThatThrownBy(() -> Identifier.parse("\u0000".repeat(3_000)))
                .hasMessageContaining("at most 2048 bytes")
                .hasMessageContaining("at position 2048");
    }

    @Test
    void aTextThatGrowsOverTheLimitWhenNormalisedIsRefused() {
        // U+1D160 is a composition exclusion: four bytes become three characters of four.
        String text = "88.1/" + "\ud834\udd60".repeat(400);

        assertThatThrownBy(() -> Identifier.parse(text))
                .isInstanceOf(InvalidIdentifierException.class)
                .hasMessageContaining("an identifier of 4805 bytes");
    }

    @Test
    void messagesAreShortAndShowWhatCannotBeSeen() {
        assertThatThrownBy(() -> Identifier.parse("88.1/\n\"\\" + "x".repeat(200)))
                .message()
                .startsWith("invalid identifier \"88.1/\\u{A}\\\"\\\\xxx")
                .contains("... (208 characters)\": U+000A at position 5; ")
                .hasSizeLessThan(350);
    }

    @ParameterizedTest
    @ValueSource(strings = {"88.118.8/x", "hdl:88.118/x"})
    void whatLooksLikeVaaIsNoHandle(String text) {
        assertThatThrownBy(() -> Identifier.parse(Scheme.HANDLE, text)).isInstanceOf(InvalidIdentifierException.class);
    }

    @Test
    void laddersGoFromTheLongestPrefixToTheRoot() {
        assertThat(ladder("88.118.8/x")).containsExactly("vaa:88.118.8", "vaa:88.118", "vaa:88");
        assertThat(ladder("20.500/x")).containsExactly("hdl:20.500", "hdl:20");
        assertThat(ladder("09506000164908"))
                .containsExactly(
                        "gs1:950600016490",
                        "gs1:95060001649",
                        "gs1:9506000164",
                        "gs1:950600016",
                        "gs1:95060001",
                        "gs1:9506000",
                        "gs1:950600",
                        "gs1:95060",
                        "gs1:9506",
                        "gs1:gs1");
        assertThat(ladder("(00)106141412345678908"))
                .hasSize(14)
                .startsWith("gs1:0614141234567890")
                .endsWith("gs1:0614", "gs1:gs1");
        assertThat(ladder("12345670")).containsExactly("gs1:gs1");
        assertThat(ladder("1.2.156.1")).containsExactly("oid:1.2.156", "oid:1.2", "oid:1");
        assertThat(ladder("0|0001|1")).containsExactly("ecode:0|0001", "ecode:ecode");
        assertThat(ladder("MA.156.1/x")).containsExactly("ma:MA.156.1", "ma:MA.156", "ma:MA");
        assertThat(ladder("did:bid:ac01:efnVUgqQFfYeu97ABf6sGm3WFtVX"))
                .containsExactly("bid:did:bid:ac01", "bid:did:bid");
    }

    private static List<String> ladder(String text) {
        return Identifier.parse(text).ladder().stream().map(Prefix::text).toList();
    }

    @Test
    void theCaseOfASuffixMatters() {
        assertThat(Identifier.parse("88.118.A/x"))
                .isEqualTo(Identifier.parse("88.118.a/x"))
                .isNotEqualTo(Identifier.parse("88.118.A/X"));
    }
}
