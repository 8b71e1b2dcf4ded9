package org.waymark.node.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NegotiationTest {

    private static final List<String> OFFERED = List.of("application/json", "application/protobuf", "text/html");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/* | application/json",
                "application/* | application/json",
                "application/protobuf | application/protobuf",
                "APPLICATION/Protobuf;q=1.0 | application/protobuf",
                "application/json;q=0.5, application/protobuf | application/protobuf",
                "application/json;q=0, */* | application/protobuf",
                "*/*;q=0.1, application/*;q=0 | text/html",
                "text/*, application/json | application/json",
                "application/protobuf;q=0.8, */*;q=0.1 | application/protobuf",
                "image/png, application/json;q=bad | ",
                "image/png | ",
                "application/json;q=0 | ",
            })
    void theBestLikedRepresentationIsChosen(String accept, String chosen) {
        assertThat(Negotiation.mediaType(Optional.of(accept), OFFERED)).isEqualTo(Optional.ofNullable(chosen));
    }

    @Test
    void whoeverDoesNotSayGetsTheFavourite() {
        assertThat(Negotiation.mediaType(Optional.empty(), OFFERED)).contains("application/json");
        assertThat(Negotiation.mediaType(Optional.of(" "), OFFERED)).contains("application/json");
    }

    @Test
    void aBrowserPrefersAPageAndAProgramThatTakesAnythingDoesNot() {
        String browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8";
        assertThat(Negotiation.prefers(Optional.of(browser), "text/html")).isTrue();
        assertThat(Negotiation.prefers(Optional.of("*/*"), "text/html")).isFalse();
        assertThat(Negotiation.prefers(Optional.of("application/json, text/html;q=0.9"), "text/html"))
                .isFalse();
        assertThat(Negotiation.prefers(Optional.empty(), "text/html")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "zh-CN,zh;q=0.9,en;q=0.8 | zh",
                "en-GB,en;q=0.9 | en",
                "fr, zh;q=0.2 | zh",
                "fr | en",
                "* | en",
                "zh;q=0, en | en",
            })
    void theBestLikedLanguageIsChosen(String acceptLanguage, String chosen) {
        assertThat(Negotiation.language(Optional.of(acceptLanguage), List.of("en", "zh")))
                .isEqualTo(chosen);
    }

    @Test
    void aHeldRepresentationIsKnownByItsTag() {
        assertThat(EntityTag.isHeld(Optional.of("\"a\""), "\"a\"")).isTrue();
        assertThat(EntityTag.isHeld(Optional.of("\"x\", W/\"a\""), "\"a\"")).isTrue();
        assertThat(EntityTag.isHeld(Optional.of("*"), "\"a\"")).isTrue();
        assertThat(EntityTag.isHeld(Optional.of("\"ab\", \"b\""), "\"a\"")).isFalse();
        assertThat(EntityTag.isHeld(Optional.of("a"), "\"a\"")).isFalse();
        assertThat(EntityTag.isHeld(Optional.empty(), "\"a\"")).isFalse();
    }
}
