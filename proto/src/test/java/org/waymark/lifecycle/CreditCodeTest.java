package org.waymark.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.waymark.record.InvalidRecordException;

class CreditCodeTest {

    private static final String ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY";

    @Provide
    Arbitrary<String> codes() {
        Arbitrary<String> head = Arbitraries.strings().withChars(ALPHABET).ofLength(2);
        Arbitrary<String> division = Arbitraries.strings().numeric().ofLength(6);
        Arbitrary<String> tail = Arbitraries.strings().withChars(ALPHABET).ofLength(9);
        return Combinators.combine(head, division, tail)
                .as((a, b, c) -> a + b + c + CreditCode.checkCharacter(a + b + c));
    }

    /** The example of GB 32100-2015, and a code of the samples. */
    @Example
    void publishedCodesAreRead() {
        for (String code : new String[] {"91350100M000100Y43", "91430100MAXYWM088M"}) {
            assertThat(new CreditCode(code)).hasToString(code);
        }
    }

    @Property
    void aCodeWithItsCheckCharacterIsRead(@ForAll("codes") String code) {
        assertThat(new CreditCode(code).text()).isEqualTo(code);
    }

    @Property
    void anySingleWrongCharacterIsFound(
            @ForAll("codes") String code, @ForAll @IntRange(max = 17) int place, @ForAll char other) {
        if (code.charAt(place) == other) {
            return;
        }
        String wrong = code.substring(0, place) + other + code.substring(place + 1);
        assertThatThrownBy(() -> new CreditCode(wrong)).isInstanceOf(InvalidRecordException.class);
    }

    @Property
    void anotherCharacterOfTheAlphabetIsFoundToo(
            @ForAll("codes") String code,
            @ForAll @IntRange(max = 17) int place,
            @ForAll @IntRange(min = 1, max = 30) int further) {
        char other = ALPHABET.charAt((ALPHABET.indexOf(code.charAt(place)) + further) % ALPHABET.length());
        String wrong = code.substring(0, place) + other + code.substring(place + 1);
        assertThatThrownBy(() -> new CreditCode(wrong)).isInstanceOf(InvalidRecordException.class);
    }

    @Example
    void theFaultIsNamed() {
        assertThatThrownBy(() -> new CreditCode("9143"))
                .hasMessageContaining("has 4 characters; a unified social credit code has 18");
        assertThatThrownBy(() -> new CreditCode("9I430100MAXYWM088M"))
                .hasMessageContaining("'I' as character 2")
                .hasMessageContaining("but I, O, S, V and Z");
        assertThatThrownBy(() -> new CreditCode("91430A00MAXYWM088M"))
                .hasMessageContaining("'A' as character 6")
                .hasMessageContaining("administrative division");
        assertThatThrownBy(() -> new CreditCode("91430100MAXYWM088K"))
                .hasMessageContaining("'K' as character 18")
                .hasMessageContaining("it would be 'M'");
        assertThatThrownBy(() -> new CreditCode("91430100maXYWM088M")).hasMessageContaining("'m' as character 9");
    }
}
