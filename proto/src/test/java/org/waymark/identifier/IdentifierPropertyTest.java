package org.waymark.identifier;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.arbitraries.StringArbitrary;
import org.waymark.Limits;

class IdentifierPropertyTest {

    private static final String CSET_82 =
            "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    @Property
    void aCanonicalTextGivesBackItsSchemeAndItself(@ForAll @From("identifiers") Sample sample) {
        Identifier identifier = Identifier.parse(sample.scheme(), sample.text());
        String canonical = identifier.canonical();

        assertThat(Identifier.parse(canonical)).isEqualTo(identifier);
        assertThat(Identifier.parse(canonical).canonical()).isEqualTo(canonical);
        assertThat(Identifier.parse(canonical).scheme()).isEqualTo(sample.scheme());
        assertThat(Identifier.parse(sample.scheme(), canonical).canonical()).isEqualTo(canonical);
        assertThat(Identifier.isCanonical(sample.scheme(), canonical)).isTrue();
        assertThat(Normalizer.isNormalized(canonical, Normalizer.Form.NFC)).isTrue();
        assertThat(canonical.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(Limits.IDENTIFIER_BYTES);
    }

    @Property
    void anIdentifierIsReadAsItsSchemeWithoutBeingTold(@ForAll @From("identifiers") Sample sample) {
        assertThat(Identifier.parse(sample.text())).isEqualTo(Identifier.parse(sample.scheme(), sample.text()));
    }

    @Property
    void aLadderGoesUpStepByStepToTheRoot(@ForAll @From("identifiers") Sample sample) {
        Identifier identifier = Identifier.parse(sample.text());
        List<Prefix> ladder = identifier.ladder();

        assertThat(ladder.get(0)).isEqualTo(identifier.prefix());
        for (int i = 0; i < ladder.size(); i++) {
            Prefix rung = ladder.get(i);
            Optional<Prefix> above = i + 1 < ladder.size() ? Optional.of(ladder.get(i + 1)) : Optional.empty();
            assertThat(rung.parent()).isEqualTo(above);
            assertThat(rung.isRoot()).isEqualTo(above.isEmpty());
            assertThat(rung.covers(identifier)).isTrue();
            assertThat(Prefix.of(rung.scheme(), rung.canonical())).isEqualTo(rung);
            assertThat(Prefix.parse(rung.text())).isEqualTo(rung);
            assertThat(rung.ladder()).isEqualTo(ladder.subList(i, ladder.size()));
            for (int j = 0; j < ladder.size(); j++) {
                assertThat(rung.covers(ladder.get(j))).isEqualTo(j <= i);
            }
        }
        assertThat(ladder).doesNotHaveDuplicates();
    }

    @Property
    void garbageIsReadOrRefusedButNothingElse(@ForAll @From("garbage") String text) {
        readOrRefuse(text);
    }

    @Property
    void mutationsAreReadOrRefusedButNothingElse(
            @ForAll @From("identifiers") Sample sample,
            @ForAll @From("insertions") String insertion,
            @ForAll int place,
            @ForAll int deletions) {
        String text = sample.text();
        int at = Math.floorMod(place, text.length() + 1);
        int to = Math.min(text.length(), at + Math.floorMod(deletions, 4));
        readOrRefuse(text.substring(0, at) + insertion + text.substring(to));
    }

    private static void readOrRefuse(String text) {
        try {
            Identifier identifier = Identifier.parse(text);
            assertThat(Identifier.parse(identifier.canonical())).isEqualTo(identifier);
            assertThat(identifier.canonical().getBytes(StandardCharsets.UTF_8))
                    .hasSizeLessThanOrEqualTo(Limits.IDENTIFIER_BYTES);
        } catch (InvalidIdentifierException e) {
            requireUseful(e, text);
        }
        try {
            Prefix prefix = Prefix.parse(text);
            assertThat(Prefix.parse(prefix.text())).isEqualTo(prefix);
        } catch (InvalidIdentifierException e) {
            requireUseful(e, text);
        }
        for (Scheme scheme : Scheme.values()) {
            try {
                Identifier identifier = Identifier.parse(scheme, text);
                assertThat(Identifier.parse(identifier.canonical())).isEqualTo(identifier);
            } catch (InvalidIdentifierException e) {
                requireUseful(e, text);
            }
            try {
                Prefix prefix = Prefix.of(scheme, text);
                assertThat(Prefix.of(scheme, prefix.canonical())).isEqualTo(prefix);
                assertThat(prefix.canonical().getBytes(StandardCharsets.UTF_8))
                        .hasSizeLessThanOrEqualTo(Limits.PREFIX_BYTES);
            } catch (InvalidIdentifierException e) {
                requireUseful(e, text);
            }
        }
    }

    private static void requireUseful(InvalidIdentifierException e, String text) {
        assertThat(e.text()).isEqualTo(text);
        assertThat(e.position()).isBetween(0, text.length());
        assertThat(e.rule()).isNotBlank();
        assertThat(e.getMessage().codePoints().filter(c -> c != ' ' && !TextRules.isPlain(c)))
                .isEmpty();
    }

    @Property
    void allFormsOfOneTradeItemHaveOneCanonicalText(
            @ForAll @From("gtinBodies") String body, @ForAll @From("serials") String serial) {
        String gtin = body + Gs1CheckDigit.of(body);
        String encoded = percentEncoded(serial);
        Identifier expected = Identifier.parse("gs1:01/" + gtin + "/21/" + encoded);

        String bracketed = serial.replace("(", "\\(");
        assertThat(Identifier.parse("(01)" + gtin + "(21)" + bracketed)).isEqualTo(expected);
        assertThat(Identifier.parse("(21)" + bracketed + "(01)" + gtin)).isEqualTo(expected);
        assertThat(Identifier.parse("https://id.example.com/p/01/" + gtin + "/21/" + encoded + "?17=261231"))
                .isEqualTo(expected);
        for (int company = 6; company <= 12; company++) {
            String urn = "urn:epc:id:sgtin:" + body.substring(1, 1 + company) + "." + body.charAt(0)
                    + body.substring(1 + company) + "." + encoded.toLowerCase(Locale.ROOT);
            String lower = percentEncoded(serial.toLowerCase(Locale.ROOT));
            assertThat(Identifier.parse(urn))
                    .isEqualTo(Identifier.parse("(01)" + gtin + "(21)"
                            + serial.toLowerCase(Locale.ROOT).replace("(", "\\(")));
            assertThat(Identifier.parse(urn).canonical()).isEqualTo("gs1:01/" + gtin + "/21/" + lower);
        }
        if (gtin.startsWith("0")) {
            assertThat(Identifier.parse("https://example.com/01/" + gtin.substring(1) + "/21/" + encoded))
                    .isEqualTo(expected);
        }
    }

    @Property
    void aWrongDigitInAGtinIsFound(
            @ForAll @From("gtinBodies") String body, @ForAll int place, @ForAll @From("nonZeroDigits") int change) {
        StringBuilder gtin = new StringBuilder(body).append(Gs1CheckDigit.of(body));
        int at = Math.floorMod(place, 14);
        gtin.setCharAt(at, (char) ('0' + (gtin.charAt(at) - '0' + change) % 10));

        assertThat(Identifier.isCanonical(Scheme.GS1, "gs1:01/" + gtin)).isFalse();
    }

    private static String percentEncoded(String value) {
        StringBuilder out = new StringBuilder();
        value.chars().forEach(c -> {
            if (Character.isLetterOrDigit(c) || "-._".indexOf(c) >= 0) {
                out.append((char) c);
            } else {
                out.append(String.format("%%%02X", c));
            }
        });
        return out.toString();
    }

    /** A valid text and the scheme that it belongs to. */
    record Sample(Scheme scheme, String text) {}

    @Property
    void everyPrefixKnowsWhereItsIdentifiersAndPrefixesStand(@ForAll("identifiers") Sample sample) {
        Identifier identifier = Identifier.parse(sample.scheme(), sample.text());
        List<Prefix> ladder = identifier.ladder();
        for (int rung = 0; rung < ladder.size(); rung++) {
            assertThat(ladder.get(rung).startsOfIdentifiers())
                    .filteredOn(identifier.canonical()::startsWith)
                    .hasSize(1);
            for (Prefix below : ladder.subList(0, rung)) {
                assertThat(ladder.get(rung).startsOfPrefixesBelow())
                        .filteredOn(below.canonical()::startsWith)
                        .hasSize(1);
            }
        }
    }

    @Provide
    Arbitrary<Sample> identifiers() {
        return Arbitraries.oneOf(
                as(Scheme.VAA, Combinators.combine(segments(4), suffixes()).as((p, s) -> "88" + p + "/" + s)),
                as(
                        Scheme.HANDLE,
                        Combinators.combine(
                                        Arbitraries.of("20", "10", "86", "0", "880", "cnri-x", "hdl:a_b"),
                                        segments(3),
                                        suffixes())
                                .as((root, p, s) -> root + p + "/" + s)),
                as(Scheme.GS1, gs1()),
                as(Scheme.OID, oids()),
                as(
                        Scheme.ECODE,
                        Combinators.combine(digits(1, 1), digits(4, 5), suffixes())
                                .as((v, nsi, md) -> v + "|" + nsi + "|" + md)),
                as(Scheme.MA, Combinators.combine(segments(4), suffixes()).as((p, s) -> "MA.156" + p + "/" + s)),
                as(Scheme.MA, segments(5).filter(p -> !p.isEmpty()).map(p -> "mA" + p)),
                as(Scheme.BID, bids()));
    }

    private static Arbitrary<Sample> as(Scheme scheme, Arbitrary<String> texts) {
        return texts.map(text -> new Sample(scheme, text));
    }

    private static Arbitrary<String> digits(int min, int max) {
        return Arbitraries.strings().numeric().ofMinLength(min).ofMaxLength(max);
    }

    /** Up to so many segments, each with a dot in front. */
    private static Arbitrary<String> segments(int most) {
        return Arbitraries.strings()
                .numeric()
                .withCharRange('A', 'Z')
                .withCharRange('a', 'z')
                .ofMinLength(1)
                .ofMaxLength(18)
                .map(segment -> "." + segment)
                .list()
                .ofMaxSize(most)
                .map(list -> String.join("", list));
    }

    private static Arbitrary<String> suffixes() {
        Arbitrary<String> ascii =
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(40);
        StringArbitrary wide = Arbitraries.strings()
                .withCharRange('\u00c0', '\u036f')
                .withCharRange('\u1100', '\u11ff')
                .withCharRange('\u2126', '\u212b')
                .withCharRange('\u6300', '\u6400')
                .withChars("aiIeE=<>|/:.");
        return Arbitraries.oneOf(ascii, wide.ofMinLength(1).ofMaxLength(40).filter(IdentifierPropertyTest::isSuffix));
    }

    private static boolean isSuffix(String text) {
        return text.codePoints().allMatch(TextRules::isPlain)
                && Normalizer.normalize(text, Normalizer.Form.NFC)
                                .codePoints()
                                .filter(c -> c >= 0x300 && c < 0x370)
                                .count()
                        <= 30;
    }

    private static Arbitrary<String> oids() {
        Arbitrary<String> arcs = Arbitraries.bigIntegers()
                .greaterOrEqual(BigInteger.ZERO)
                .map(arc -> "." + arc)
                .list()
                .ofMaxSize(5)
                .map(list -> String.join("", list));
        return Combinators.combine(
                        Arbitraries.of("", "urn:oid:"),
                        Arbitraries.integers().between(0, 2),
                        Arbitraries.integers().between(0, 39),
                        arcs)
                .as((urn, first, second, rest) -> urn + first + "." + second + rest);
    }

    private static Arbitrary<String> bids() {
        Arbitrary<String> start = Combinators.combine(
                        Arbitraries.of("", "ac01:", "AC01:"), Arbitraries.of("e", "z", "s"))
                .as((ac, type) -> "did:bid:" + ac + type);
        return Combinators.combine(
                        start,
                        Arbitraries.oneOf(
                                encoded("f", "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"),
                                encoded("s", "ABCxyz0189+/"),
                                encoded("t", "qpzry9x8gf2tvdw0s3jn54khce6mua7l")))
                .as((s, rest) -> s + rest);
    }

    private static Arbitrary<String> encoded(String encoding, String alphabet) {
        return Arbitraries.strings()
                .withChars(alphabet)
                .ofMinLength(22)
                .ofMaxLength(42)
                .map(text -> encoding + text);
    }

    private static Arbitrary<String> gs1() {
        Arbitrary<String> gtins = digits(13, 13).map(body -> "01/" + body + Gs1CheckDigit.of(body));
        Arbitrary<String> sscc = digits(17, 17).map(body -> "00/" + body + Gs1CheckDigit.of(body));
        Arbitrary<String> giai = values(1, 30).map(value -> "8004/" + percentEncoded(value));
        Arbitrary<String> gmn = digits(7, 7)
                .flatMap(company -> values(1, 16)
                        .map(reference -> "8013/" + percentEncoded(company + reference)
                                + Gs1CheckDigit.pairOf(company + reference)));
        Arbitrary<String> qualifiers = Combinators.combine(
                        values(1, 20).optional(),
                        values(1, 20).optional(),
                        values(1, 20).optional())
                .as((cpv, lot, serial) ->
                        serial.map(v -> "/21/" + percentEncoded(v)).orElse("")
                                + cpv.map(v -> "/22/" + percentEncoded(v)).orElse("")
                                + lot.map(v -> "/10/" + percentEncoded(v)).orElse(""));
        Arbitrary<String> paths =
                Arbitraries.oneOf(Combinators.combine(gtins, qualifiers).as((k, q) -> k + q), sscc, giai, gmn);
        return Combinators.combine(Arbitraries.of("gs1:", "https://example.com/", "http://h/01/21/"), paths)
                .as((start, path) -> start + path);
    }

    private static Arbitrary<String> values(int min, int max) {
        return Arbitraries.strings().withChars(CSET_82).ofMinLength(min).ofMaxLength(max);
    }

    @Provide
    Arbitrary<String> serials() {
        return values(1, 20);
    }

    @Provide
    Arbitrary<String> gtinBodies() {
        return digits(13, 13);
    }

    @Provide
    Arbitrary<Integer> nonZeroDigits() {
        return Arbitraries.integers().between(1, 9);
    }

    @Provide
    Arbitrary<String> insertions() {
        return Arbitraries.oneOf(
                Arbitraries.strings().all().ofMaxLength(3),
                Arbitraries.of(
                        "", "/", "|", ":", ".", "..", "(", ")", "%", "%2F", "?", "#", "\\", "\u0301", "\ud800", "0"));
    }

    @Provide
    Arbitrary<String> garbage() {
        Arbitrary<String> start = Arbitraries.of(
                "",
                "88.",
                "88/",
                "hdl:",
                "doi:10.",
                "gs1:",
                "gs1:01/",
                "(01)",
                "(",
                "https://",
                "https://h/01/",
                "urn:epc:",
                "urn:epc:id:sgtin:",
                "urn:epc:id:sgln:0614141.",
                "urn:epc:id:grai:",
                "urn:oid:",
                "0|0001|",
                "0|",
                "MA.",
                "did:bid:",
                "did:bid:ef",
                "vaa:88",
                "oid:",
                "ecode:",
                "ma:MA",
                "bid:did:bid",
                "1.2.");
        Arbitrary<String> rest = Arbitraries.oneOf(
                Arbitraries.strings().all().ofMaxLength(60),
                Arbitraries.strings().withChars("0123456789./:|()%abAB\\-_=?#").ofMaxLength(60),
                Arbitraries.strings()
                        .withChars("0189./:|()%aM\u0301\u00e9\ud834\udd60")
                        .ofMinLength(1_900)
                        .ofMaxLength(2_100));
        return Combinators.combine(start, rest).as((s, r) -> s + r);
    }
}
