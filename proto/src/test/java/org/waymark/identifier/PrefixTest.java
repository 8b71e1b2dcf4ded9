package org.waymark.identifier;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrefixTest {

    @ParameterizedTest
    @CsvSource({
        "vaa:88.118.8, VAA, 88.118.8",
        "88.118.8, VAA, 88.118.8",
        "88, VAA, 88",
        "88.118.ma4l1, VAA, 88.118.MA4L1",
        "hdl:20.500, HANDLE, 20.500",
        "hdl:0.na, HANDLE, 0.NA",
        "gs1:950600016490, GS1, 950600016490",
        "gs1:9506, GS1, 9506",
        "gs1:gs1, GS1, gs1",
        "gs1, GS1, gs1",
        "oid:1.2.156, OID, 1.2.156",
        "oid:1, OID, 1",
        "ecode:0|0001, ECODE, 0|0001",
        "ecode:ecode, ECODE, ecode",
        "ecode, ECODE, ecode",
        "ma:ma.156, MA, MA.156",
        "ma:MA, MA, MA",
        "bid:did:bid, BID, did:bid",
        "bid:did:bid:aC01, BID, did:bid:aC01",
    })
    void isReadWithItsTag(String text, Scheme scheme, String canonical) {
        Prefix prefix = Prefix.parse(text);

        assertThat(prefix.scheme()).isEqualTo(scheme);
        assertThat(prefix.canonical()).isEqualTo(canonical);
        assertThat(prefix.text()).isEqualTo(scheme.tag() + ":" + canonical).isEqualTo(prefix.toString());
        assertThat(Prefix.parse(prefix.text())).isEqualTo(prefix).hasSameHashCodeAs(prefix);
        assertThat(Prefix.of(scheme, canonical)).isEqualTo(prefix);
    }

    @ParameterizedTest
    @CsvSource({
        "vaa:89.1, 4, first segment other than 88",
        "vaa:88..1, 7, empty segment",
        "vaa:88.1/x, 8, unexpected '/'",
        "880, 0, first segment other than 88",
        "vaa:, 4, first segment other than 88",
        "20.500, 0, no scheme",
        "xyz:1, 0, no scheme",
        "VAA:88, 0, no scheme",
        "hdl:88.1, 4, another scheme",
        "hdl:, 4, empty segment",
        "gs1:950, 7, end of text",
        "gs1:, 4, end of text",
        "gs1:95060x, 9, unexpected 'x'",
        "gs1:000001, 4, 00000",
        "gs1:12345678901234567, 20, prefix too long",
        "oid:1.40, 6, second arc over 39",
        "oid:, 4, empty arc",
        "ecode:0|0001|1, 12, unexpected '|'",
        "ecode:0, 7, end of text",
        "ecode:, 6, end of text",
        "ma:MB.1, 3, first segment other than MA",
        "bid:did:bid:abc, 12, AC code of 3 characters",
        "bid:did:web:abcd, 4, other start",
    })
    void isRefusedWithPositionAndRule(String text, int position, String message) {
        InvalidIdentifierException refusal =
                catchThrowableOfType(InvalidIdentifierException.class, () -> Prefix.parse(text));

        assertThat(refusal).hasMessageContaining(message);
        assertThat(refusal.position()).isEqualTo(position);
        assertThat(refusal.text()).isEqualTo(text);
    }

    @Test
    void coversItselfAndWhatLiesBelow() {
        Prefix node = Prefix.parse("88.118");

        assertThat(node.covers(node)).isTrue();
        assertThat(node.covers(Prefix.parse("88.118.8"))).isTrue();
        assertThat(node.covers(Identifier.parse("88.118.8/x"))).isTrue();
        assertThat(node.covers(Identifier.parse("88.118/x"))).isTrue();
        assertThat(node.covers(Prefix.parse("88"))).isFalse();
        assertThat(node.covers(Prefix.parse("88.1180"))).isFalse();
        assertThat(node.covers(Identifier.parse("88.119.8/x"))).isFalse();
    }

    @Test
    void coversNothingOfAnotherScheme() {
        assertThat(Prefix.parse("hdl:1").covers(Prefix.parse("oid:1"))).isFalse();
        assertThat(Prefix.parse("oid:1")).isNotEqualTo(Prefix.parse("hdl:1"));
    }

    @Test
    void aCompanyPrefixOwnsKeysOfAllKinds() {
        Prefix company = Prefix.parse("gs1:0614141");

        assertThat(company.covers(Identifier.parse("urn:epc:id:sgtin:0614141.112345.400")))
                .isTrue();
        assertThat(company.covers(Identifier.parse("urn:epc:id:sscc:0614141.1234567890")))
                .isTrue();
        assertThat(company.covers(Identifier.parse("urn:epc:id:sgln:0614141.12345.400")))
                .isTrue();
        assertThat(company.covers(Identifier.parse("urn:epc:id:grai:0614141.12345.400")))
                .isTrue();
        assertThat(company.covers(Identifier.parse("urn:epc:id:giai:0614141.12345400")))
                .isTrue();
        assertThat(company.covers(Identifier.parse("12345670"))).isFalse();
        assertThat(Prefix.parse("gs1").covers(Identifier.parse("12345670"))).isTrue();
    }

    @Test
    void onlyARootHasNoParent() {
        assertThat(Prefix.parse("88").isRoot()).isTrue();
        assertThat(Prefix.parse("88").parent()).isEmpty();
        assertThat(Prefix.parse("88.118").isRoot()).isFalse();
        assertThat(Prefix.parse("88.118").parent()).contains(Prefix.parse("88"));
        assertThat(Prefix.parse("gs1:9506").parent()).contains(Prefix.parse("gs1"));
    }

    @Test
    void whatStandsBesideItStartsInAnotherWay() {
        Prefix prefix = Prefix.parse("88.11");

        assertThat(prefix.startsOfIdentifiers())
                .noneMatch("88.118/x"::startsWith)
                .isSorted();
        assertThat(prefix.startsOfPrefixesBelow()).noneMatch("88.118"::startsWith);
        assertThat(Prefix.parse("gs1:0614141").startsOfIdentifiers())
                .noneMatch("gs1:01/00614142123452"::startsWith)
                .isSorted();
        assertThat(Prefix.parse("gs1:0614141123452").startsOfIdentifiers())
                .as("a GTIN has 12 digits that may be a company prefix")
                .noneMatch("gs1:01/00614141123452"::startsWith);
    }
}
