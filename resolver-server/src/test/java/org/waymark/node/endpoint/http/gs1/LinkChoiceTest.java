package org.waymark.node.endpoint.http.gs1;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LinkChoiceTest {

    private static Link link(String name, String language, String mediaType, String context) {
        return new Link(
                LinkType.PIP,
                "https://example.com/" + name,
                name,
                language.isEmpty() ? List.of() : List.of(language),
                Optional.of(mediaType).filter(type -> !type.isEmpty()),
                context.isEmpty() ? List.of() : List.of(context),
                false,
                true);
    }

    private static List<String> best(List<Link> links, String accept, String language, String context) {
        LinkRequest request = new LinkRequest(
                Optional.ofNullable(accept), Optional.ofNullable(language), Optional.ofNullable(context));
        return LinkChoice.best(links, request).stream().map(Link::title).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "en, en",
        "EN, en",
        "de, de-CH",
        "de-CH-1996, de-CH",
        "zh-Hant-TW, zh-Hant",
        "zh-Hans-CN, zh",
        "zh-a-x, zh",
        "'fr, en;q=0.3, zh;q=0.7', zh",
        "'en;q=0.2,zh;q=0.2', en",
        "'en;q=0, zh;q=0.1', zh",
        "fr, any",
        "*, any",
        "'en;q=nonsense', en",
    })
    void aLanguageIsLookedUp(String acceptLanguage, String expected) {
        List<Link> links = List.of(
                link("any", "", "", ""),
                link("en", "en", "", ""),
                link("zh", "zh", "", ""),
                link("zh-Hant", "zh-Hant", "", ""),
                link("de-CH", "de-CH", "", ""));

        assertThat(best(links, null, acceptLanguage, null)).containsExactly(expected);
    }

    @Test
    void whoNamesNoLanguageIsRefusedNone() {
        List<Link> links = List.of(link("any", "", "", ""), link("en", "en", "", ""));

        assertThat(best(links, null, null, null)).containsExactly("any", "en");
        assertThat(best(links, null, "en;q=0", null)).containsExactly("any", "en");
    }

    @ParameterizedTest
    @CsvSource({
        "application/pdf, pdf",
        "'text/html,application/xhtml+xml,*/*;q=0.8', page",
        "'text/*;q=0.1, image/png', page",
        "application/json;q=0.5, json",
        "image/png, all",
        "'text/html;level=1, application/pdf;q=0.9', page",
    })
    void aMediaTypeIsChosenByQuality(String accept, String expected) {
        List<Link> links = List.of(
                link("page", "", "text/html", ""),
                link("pdf", "", "application/pdf", ""),
                link("json", "", "application/json", ""));

        List<String> best = best(links, accept, null, null);
        if (expected.equals("all")) {
            assertThat(best).containsExactly("page", "pdf", "json");
        } else {
            assertThat(best).containsExactly(expected);
        }
    }

    @Test
    void aLinkForAContextIsTakenOnlyInThatContext() {
        List<Link> links = List.of(link("general", "", "", ""), link("lanka", "", "", "LK"));

        assertThat(best(links, null, null, "lk")).containsExactly("lanka");
        assertThat(best(links, null, null, "CN")).containsExactly("general");
        assertThat(best(links, null, null, null)).containsExactly("general");
    }

    @Test
    void whatNothingTellsApartStaysTogetherButEachAddressOnce() {
        Link page = link("page", "", "", "");
        assertThat(best(List.of(page, page, link("other", "", "", "")), null, null, null))
                .containsExactly("page", "other");
    }
}
