package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.node.web.PercentEncoding;
import org.waymark.node.web.ProblemException;
import org.waymark.v1.RecordKind;

class AskedTest {

    /** Suffixes with all that a URI or a client could take for something else. */
    private static final String SIGNS = "abcXYZ019./:%+?#&=@!$'()*,;~_-[]{}|\\^`\"<>é长泵µ😀";

    @Provide
    Arbitrary<Identifier> identifiers() {
        Arbitrary<String> suffix = Arbitraries.of(
                        SIGNS.codePoints().mapToObj(Character::toString).toList())
                .list()
                .ofMinSize(1)
                .ofMaxSize(20)
                .map(signs -> String.join("", signs));
        Arbitrary<String> number = Arbitraries.integers().between(1, 99_999).map(String::valueOf);
        Arbitrary<String> digits = Arbitraries.strings().numeric().ofLength(13);
        Arbitrary<String> base58 = Arbitraries.strings()
                .withChars("123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz")
                .ofMinLength(22)
                .ofMaxLength(42);
        Arbitrary<String> texts = Arbitraries.oneOf(
                Combinators.combine(number, number, suffix).as((a, b, s) -> "88." + a + "." + b + "/" + s),
                Combinators.combine(number, suffix).as((a, s) -> "20." + a + "/" + s),
                Combinators.combine(number, number).as((a, b) -> "1.2.156." + a + "." + b),
                Combinators.combine(number, suffix).as((a, s) -> "MA.156." + a + "/" + s),
                digits.map(d -> "0|0001|" + d),
                digits.map(AskedTest::gtin),
                Combinators.combine(
                                digits,
                                Arbitraries.strings()
                                        .alpha()
                                        .numeric()
                                        .ofMinLength(1)
                                        .ofMaxLength(20))
                        .as((d, serial) -> gtin(d) + "/21/" + serial),
                base58.map(s -> "did:bid:ef" + s));
        return texts.filter(AskedTest::isIdentifier).map(Identifier::parse);
    }

    private static String gtin(String digits) {
        int sum = 0;
        for (int i = 0; i < digits.length(); i++) {
            sum += (digits.charAt(i) - '0') * (i % 2 == 0 ? 3 : 1);
        }
        return "gs1:01/" + digits + (10 - sum % 10) % 10;
    }

    private static boolean isIdentifier(String text) {
        try {
            Identifier.parse(text);
            return true;
        } catch (InvalidIdentifierException e) {
            return false;
        }
    }

    @Property(tries = 3_000)
    void everyIdentifierIsFoundByItsPath(@ForAll("identifiers") Identifier identifier) {
        String path = "/" + PercentEncoding.encodePath(identifier.canonical());
        Asked asked = Asked.of(
                URI.create("http://node" + path).normalize().getRawPath().substring(1), "");
        assertThat(asked.key().kind()).isEqualTo(RecordKind.ITEM);
        assertThat(asked.key().scheme()).isEqualTo(identifier.scheme());
        assertThat(asked.key().identifier()).isEqualTo(identifier.canonical());
        assertThat(asked.isCanonical()).isTrue();
        assertThat(asked.path()).isEqualTo(path);
    }

    @Example
    void everySchemeIsAmongThem() {
        assertThat(identifiers().sampleStream().limit(500).map(Identifier::scheme))
                .contains(Scheme.values());
    }

    @Example
    void aPrefixIsFoundByItsTextWithTheSchemeInFront() {
        for (String text : new String[] {
            "88.118.8",
            "vaa:88.118.8",
            "hdl:20.500",
            "oid:1.2.156",
            "gs1:950600016490",
            "ecode:0|0001",
            "gs1",
            "ma:MA.156"
        }) {
            Prefix prefix = Prefix.parse(text);
            Asked asked = Asked.of(PercentEncoding.encodePath(text), "");
            assertThat(asked.key().kind()).as(text).isEqualTo(RecordKind.PREFIX);
            assertThat(asked.key().identifier()).isEqualTo(prefix.canonical());
            assertThat(asked.text()).isEqualTo(prefix.text());
            assertThat(Asked.of(PercentEncoding.encodePath(text), "prefix").key())
                    .isEqualTo(asked.key());
        }
    }

    @Example
    void theKindThatIsAskedForDecides() {
        assertThat(Asked.of("1.2.156", "").key().kind()).isEqualTo(RecordKind.ITEM);
        assertThat(Asked.of("oid:1.2.156", "prefix").key().kind()).isEqualTo(RecordKind.PREFIX);
        for (String[] refused :
                new String[][] {{"88.118.8", "item"}, {"88.118.8/x", "prefix"}, {"88.118.8", "party"}}) {
            assertThatThrownBy(() -> Asked.of(refused[0], refused[1]))
                    .isInstanceOfSatisfying(
                            ProblemException.class,
                            e -> assertThat(e.problem().status()).isEqualTo(400));
        }
    }
}
