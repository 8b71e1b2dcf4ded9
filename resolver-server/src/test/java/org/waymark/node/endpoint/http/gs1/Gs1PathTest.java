package org.waymark.node.endpoint.http.gs1;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Identifier;

class Gs1PathTest {

    @ParameterizedTest
    @CsvSource({
        "/00/106141412345678908, gs1:00/106141412345678908",
        "/01/9521321000018, gs1:01/09521321000018",
        "/01/09521321000018/22/A/10/L%2F1/21/7, gs1:01/09521321000018/22/A/10/L%2F1/21/7",
        "/01/09521321000018/235/TPX, gs1:01/09521321000018/235/TPX",
        "/253/9521321000018X, gs1:253/9521321000018X",
        "/255/9521321000018123, gs1:255/9521321000018123",
        "/401/9521321A, gs1:401/9521321A",
        "/402/95213210000012349, gs1:402/95213210000012349",
        "/410/9521321000018, gs1:410/9521321000018",
        "/414/9521321000018/254/B2, gs1:414/9521321000018/254/B2",
        "/415/9521321000018/8020/R1, gs1:415/9521321000018/8020/R1",
        "/417/9521321000018/7040/1ABC, gs1:417/9521321000018/7040/1ABC",
        "/8003/09521321000018R, gs1:8003/09521321000018R",
        "/8004/9521321Z, gs1:8004/9521321Z",
        "/8006/095213210000180102/21/7, gs1:8006/095213210000180102/21/7",
        "/8010/9521321-P%231/8011/12, gs1:8010/9521321-P%231/8011/12",
        "/8013/1987654Ad4X4bL5ttr2310c2K, gs1:8013/1987654Ad4X4bL5ttr2310c2K",
        "/8017/952132100000123454/8019/42, gs1:8017/952132100000123454/8019/42",
        "/8018/952132100000123454, gs1:8018/952132100000123454",
        "/some/stem/01/09521321000018/21/7, gs1:01/09521321000018/21/7",
        "/01/09521321000018/21/7/, gs1:01/09521321000018/21/7",
    })
    void everyKeyIsReadWithItsQualifiers(String path, String canonical) throws Exception {
        assertThat(Gs1Path.parse(path).orElseThrow().identifier()).isEqualTo(Identifier.parse(canonical));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/88.118.8/JXDY2106023",
                "/88.118.8/01/09521321000018",
                "/20.500.12345/01/09521321000018",
                "/4263537/01/09521321000018",
                "/gs1:01/09521321000018",
                "/MA.156.1001.1234/01/09521321000018",
                "/did:bid:efnVUgqQFfYeu97ABf6sGm3WFtVXHZB2",
                "/0%7C0001%7C1/01/09521321000018",
                "/api/v1/info",
                "/10/LOT/21/7",
                "/(01)09521321000018"
            })
    void otherPathsAreLeftToOthers(String path) throws Exception {
        assertThat(Gs1Path.parse(path)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "/01/09521321000011, 17, wrong check digit 1",
        "/01/952132100001X, 16, unexpected 'X'",
        "/01/09521321000018/21/a%2, 23, incomplete escape",
        "/01/09521321000018/17/261231, 19, no application identifier",
        "/01/09521321000018/21/7/10/L, 19, out of order",
        "/01/09521321000018/254/7, 19, unexpected (254)",
        "/01/09521321000018/235/x/21/7, 25, (21) beside (235)",
        "/stem/01/09521321000011, 22, wrong check digit 1",
    })
    void aWrongLinkIsRefusedWithThePlaceOfTheFault(String path, int offset, String problem) {
        assertThatThrownBy(() -> Gs1Path.parse(path))
                .isInstanceOfSatisfying(
                        Gs1Path.MalformedException.class,
                        e -> assertThat(e.offset()).isEqualTo(offset))
                .hasMessageContaining(problem);
    }

    @Test
    void levelsGoFromTheSerialToTheTradeItem() throws Exception {
        Gs1Path path = Gs1Path.parse("/stem/01/9521321000018/22/A/10/L/21/7").orElseThrow();

        assertThat(path.levels())
                .extracting(Identifier::canonical)
                .containsExactly(
                        "gs1:01/09521321000018/22/A/10/L/21/7",
                        "gs1:01/09521321000018/22/A/10/L",
                        "gs1:01/09521321000018/22/A",
                        "gs1:01/09521321000018");
        assertThat(path.stem()).isEqualTo("/stem");
        assertThat(path.pathOf(path.levels().get(3))).isEqualTo("/stem/01/09521321000018");
    }
}
