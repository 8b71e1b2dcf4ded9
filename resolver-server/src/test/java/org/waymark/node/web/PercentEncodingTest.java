package org.waymark.node.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.NotEmpty;

class PercentEncodingTest {

    @Property
    void whatWasEncodedIsDecoded(@ForAll String text) throws Exception {
        Assume.that(text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
        assertThat(PercentEncoding.decode(PercentEncoding.encodePath(text))).isEqualTo(text);
    }

    @Property
    void anEncodedTextIsAPathThatNoClientChanges(@ForAll @NotEmpty String text) {
        Assume.that(text.codePoints().noneMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE));
        URI uri = URI.create("http://node/" + PercentEncoding.encodePath(text));
        assertThat(uri.normalize().getRawPath()).isEqualTo(uri.getRawPath());
        assertThat(uri.getRawQuery()).isNull();
        assertThat(uri.getRawFragment()).isNull();
    }

    @Example
    void signsThatMeanSomethingElsewhereStayAsTheyAre() throws Exception {
        assertThat(PercentEncoding.decode("a+b//c/../d;e=%2B")).isEqualTo("a+b//c/../d;e=+");
        assertThat(PercentEncoding.decode("%E9%95%BF%e6%b2%99")).isEqualTo("长沙");
        assertThat(PercentEncoding.decode("%252F")).isEqualTo("%2F");
        assertThat(PercentEncoding.encodePath("88.118.8/长 ?#%")).isEqualTo("88.118.8/%E9%95%BF%20%3F%23%25");
        assertThat(PercentEncoding.encodePath("88.118.8/../x")).isEqualTo("88.118.8%2F..%2Fx");
    }

    @Example
    void aBrokenEncodingIsRefusedWithItsPlace() {
        for (String broken : new String[] {"ab%", "ab%4", "ab%4g", "ab%-1", "ab\u00e4"}) {
            assertThatThrownBy(() -> PercentEncoding.decode(broken))
                    .as(broken)
                    .isInstanceOfSatisfying(
                            PercentEncoding.MalformedException.class,
                            e -> assertThat(e.offset()).isEqualTo(2));
        }
        assertThatThrownBy(() -> PercentEncoding.decode("%C3%28"))
                .isInstanceOf(PercentEncoding.MalformedException.class)
                .hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> PercentEncoding.decode("%ED%A0%80"))
                .isInstanceOf(PercentEncoding.MalformedException.class);
    }
}
