package org.waymark.node.endpoint.http.gs1;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.node.TestParties;
import org.waymark.node.endpoint.http.SignedRecords;
import org.waymark.node.endpoint.http.TestServer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebResponse;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Suite;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;

/** The rules of the GS1-Conformant Resolver Standard 1.2.0, each by its name. */
class Gs1HandlerTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String OWNER = "gs1:9521321";
    private static final String GTIN = "/01/09521321000018";
    private static final String SERIAL = GTIN + "/10/L1/21/7";
    private static final String LINKSET = "application/linkset+json";

    private final SignedRecords records = new SignedRecords();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        Gs1Handler handler = new Gs1Handler(
                records,
                request -> WebResponse.text(299, "another handler").now(),
                Optional.empty(),
                request -> records.counted,
                Clock.systemUTC());
        server = new TestServer(Router.builder()
                .get("/*", handler)
                .get(ResolverDescription.PATH, new ResolverDescription("Test resolver", Optional.empty()))
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static RecordDraft.Builder item(String path) {
        return SignedRecords.item("gs1:" + path.substring(1), OWNER);
    }

    private static String json(String members) {
        return "{" + members.replace('\'', '"') + "}";
    }

    /** A trade item with pages in two languages (the English one is the default), certificates and a manual. */
    private void addPump() {
        records.add(item(GTIN)
                .value(1, "name", "Pump")
                .value(
                        2,
                        "gs1:pip",
                        json("'href':'https://example.com/en','hreflang':['en'],'type':'text/html','default':true,"
                                + "'title':'Pump'"))
                .value(
                        3,
                        "gs1:pip",
                        json("'href':'https://example.com/zh','hreflang':['zh'],'type':'text/html','default':true,"
                                + "'title':'\u6cf5'"))
                .value(4, "gs1:certificationInfo", "https://example.com/cert/1")
                .value(5, "gs1:certificationInfo", "https://example.com/cert/2")
                .value(
                        6,
                        "gs1:instructions",
                        json(
                                "'href':'https://example.com/manual?v=2#p1','type':'application/pdf','hreflang':'zh-Hans-CN'"))
                .value(
                        7,
                        "gs1:instructions",
                        json("'href':'https://example.com/manual.html','type':'text/html','fwqs':false")));
    }

    private static String location(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(307);
        return response.headers().firstValue("Location").orElseThrow();
    }

    private static String header(HttpResponse<String> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    private static void requireValid(String schema, JsonNode document) throws IOException {
        JsonSchema checked = JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7)
                .getSchema(Gs1HandlerTest.class.getResourceAsStream("/gs1/" + schema));
        assertThat(checked.validate(document)).isEmpty();
    }

    @Test
    void aRequestWithoutALinkTypeIsLedToTheDefaultLink() {
        addPump();

        HttpResponse<String> response = server.get(GTIN);

        assertThat(location(response)).isEqualTo("https://example.com/en");
        assertThat(header(response, "Vary")).isEqualTo("Accept, Accept-Language");
        assertThat(header(response, "Cache-Control")).isIn("public, max-age=60", "public, max-age=59");
    }

    @Test
    void theDefaultIsChosenByLanguageWhereThereAreSeveral() {
        addPump();

        assertThat(location(server.get(GTIN, "Accept-Language", "zh-CN,zh;q=0.9")))
                .isEqualTo("https://example.com/zh");
        assertThat(location(server.get(GTIN, "Accept-Language", "fr"))).isEqualTo("https://example.com/en");
    }

    @Test
    void aValueOfTheTypeDefaultLinkGoesBeforeAllOthers() {
        records.add(item(GTIN)
                .value(1, "gs1:pip", "https://example.com/a")
                .value(2, "gs1:defaultLink", "https://example.com/b")
                .value(3, "gs1:defaultLinkMulti", json("'href':'https://example.com/c','hreflang':['fr']")));

        assertThat(location(server.get(GTIN))).isEqualTo("https://example.com/b");
        assertThat(location(server.get(GTIN, "Accept-Language", "fr"))).isEqualTo("https://example.com/c");
        assertThat(location(server.get(GTIN + "?linkType=gs1:pip"))).startsWith("https://example.com/a");
    }

    @Test
    void theLanguageOfALinkMayStandInTheTypeOfItsValue() {
        records.add(item(GTIN)
                .value(1, "gs1:pip@zh", "https://example.com/zh")
                .value(2, "gs1:pip@en", "https://example.com/en")
                .value(3, "gs1:pip@not a language", "https://example.com/none"));

        assertThat(location(server.get(GTIN, "Accept-Language", "en"))).isEqualTo("https://example.com/en");
        assertThat(location(server.get(GTIN))).isEqualTo("https://example.com/zh");
        assertThat(server.get(GTIN + "?linkType=linkset").body()).doesNotContain("none");
    }

    @Test
    void withoutAMarkTheDefaultIsThePageElseTheFirstLink() {
        records.add(item(GTIN)
                .value(1, "gs1:masterData", "https://example.com/data")
                .value(2, "URL", "https://example.com/page"));
        records.add(item("/414/9521321000018").value(1, "gs1:locationInfo", "https://example.com/place"));

        assertThat(location(server.get(GTIN))).isEqualTo("https://example.com/page");
        assertThat(location(server.get("/414/9521321000018"))).isEqualTo("https://example.com/place");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "pip",
                "gs1:pip",
                "https://ref.gs1.org/voc/pip",
                "https://gs1.org/voc/pip",
                "http:%2F%2Fgs1.org%2Fvoc%2Fpip"
            })
    void aLinkTypeIsWrittenInAnyUsualWay(String linkType) {
        addPump();

        assertThat(location(server.get(GTIN + "?linkType=" + linkType, "Accept-Language", "zh")))
                .startsWith("https://example.com/zh");
    }

    @ParameterizedTest
    @ValueSource(strings = {"gs1:recallStatus", "gs1:PIP", "gs1:", "foo:bar", "gs1:pip%20", "%F0%9F%9A%9C"})
    void aLinkTypeThatIsNotThereIsNotFound(String linkType) throws IOException {
        addPump();

        HttpResponse<String> response = server.get(GTIN + "?linkType=" + linkType);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(JSON.readTree(response.body()).path("detail").asText())
                .contains("https://ref.gs1.org/voc/certificationInfo");
    }

    @Test
    void severalEqualLinksAreGivenToChooseFrom() throws IOException {
        addPump();

        HttpResponse<String> response = server.get(GTIN + "?linkType=gs1:certificationInfo");

        assertThat(response.statusCode()).isEqualTo(300);
        assertThat(header(response, "Content-Type")).isEqualTo(LINKSET);
        JsonNode choices = JSON.readTree(response.body());
        requireValid("linkset-schema.json", choices);
        assertThat(choices.at("/linkset/0/https:~1~1ref.gs1.org~1voc~1certificationInfo"))
                .extracting(link -> link.path("href").asText())
                .containsExactly("https://example.com/cert/1", "https://example.com/cert/2");
        assertThat(server.get(GTIN + "?linkType=gs1:certificationInfo&a='%22", "Accept", "text/html")
                        .body())
                .contains("<a href=\"https://example.com/cert/1?linkType=gs1:certificationInfo&amp;a=&#39;%22\">");
    }

    @Test
    void theDefaultAmongEqualLinksIsTaken() {
        records.add(item(GTIN)
                .value(1, "gs1:pip", "https://example.com/a")
                .value(2, "gs1:pip", json("'href':'https://example.com/b','default':true")));

        assertThat(location(server.get(GTIN + "?linkType=gs1:pip"))).startsWith("https://example.com/b");
    }

    @Test
    void aLinkIsChosenByMediaType() {
        addPump();

        assertThat(location(server.get(GTIN + "?linkType=gs1:instructions", "Accept", "application/pdf")))
                .startsWith("https://example.com/manual?v=2");
        assertThat(location(server.get(GTIN + "?linkType=gs1:instructions", "Accept", "text/html,*/*;q=0.1")))
                .isEqualTo("https://example.com/manual.html");
    }

    @Test
    void aLinkIsChosenByContext() {
        records.add(item(GTIN)
                .value(1, "gs1:pip", "https://example.com/world")
                .value(2, "gs1:pip", json("'href':'https://example.com/cn','context':['CN']")));

        assertThat(location(server.get(GTIN + "?linkType=gs1:pip&context=CN"))).startsWith("https://example.com/cn?");
        assertThat(location(server.get(GTIN + "?linkType=gs1:pip"))).startsWith("https://example.com/world?");
    }

    @Test
    void theQueryGoesAlongToTheTarget() {
        addPump();

        assertThat(location(server.get(GTIN + "?17=261231&a=%C3%A9")))
                .isEqualTo("https://example.com/en?17=261231&a=%C3%A9");
        assertThat(location(server.get(GTIN + "?linkType=instructions&a=1", "Accept", "application/pdf")))
                .isEqualTo("https://example.com/manual?v=2&linkType=instructions&a=1#p1");
    }

    @Test
    void theQueryStaysBehindWhereTheLinkSaysSo() {
        addPump();

        assertThat(location(server.get(GTIN + "?linkType=instructions&a=1", "Accept", "text/html")))
                .isEqualTo("https://example.com/manual.html");
    }

    @ParameterizedTest
    @ValueSource(strings = {"linkset", "all"})
    void theListOfAllLinksIsALinkset(String linkType) throws IOException {
        addPump();

        HttpResponse<String> response = server.get(GTIN + "?linkType=" + linkType);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo(LINKSET);
        JsonNode linkset = JSON.readTree(response.body());
        requireValid("linkset-schema.json", linkset);
        JsonNode context = linkset.at("/linkset/0");
        assertThat(context.path("anchor").asText()).isEqualTo(server.base() + GTIN);
        assertThat(context.path("description").asText()).isEqualTo("Pump");
        assertThat(context.at("/https:~1~1ref.gs1.org~1voc~1certificationInfo/0/title")
                        .asText())
                .isEqualTo("Certification info: Pump");
        assertThat(context.at("/https:~1~1ref.gs1.org~1voc~1instructions/0/hreflang/0")
                        .asText())
                .isEqualTo("zh-CN");
        assertThat(context.at("/https:~1~1ref.gs1.org~1voc~1defaultLinkMulti")).hasSize(2);
    }

    @Test
    void theDefaultLinkInALinksetHasNoOptionalAttributesAndIsDescribedElsewhere() throws IOException {
        addPump();

        JsonNode context =
                JSON.readTree(server.get(GTIN, "Accept", LINKSET).body()).at("/linkset/0");

        JsonNode defaults = context.path(LinkType.DEFAULT);
        assertThat(defaults).hasSize(1);
        assertThat(defaults.get(0).fieldNames()).toIterable().containsExactly("href", "title");
        assertThat(context.path(LinkType.PIP))
                .extracting(link -> link.path("href").asText())
                .contains(defaults.get(0).path("href").asText());
    }

    @ParameterizedTest
    @CsvSource({
        "application/linkset+json, application/linkset+json",
        "application/json, application/json",
        "application/ld+json, application/ld+json",
        "'application/json, */*;q=0.5', application/json",
    })
    void aLinksetIsAlsoAskedForByItsMediaType(String accept, String contentType) throws IOException {
        addPump();

        HttpResponse<String> response = server.get(GTIN, "Accept", accept);

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo(contentType);
        JsonNode linkset = JSON.readTree(response.body());
        requireValid("linkset-schema.json", linkset);
        String context = "https://ref.gs1.org/standards/resolver/1.2.0/linkset-context";
        if (contentType.equals("application/ld+json")) {
            assertThat(linkset.path("@context").asText()).isEqualTo(context);
        } else {
            assertThat(header(response, "Link"))
                    .contains("<" + context
                            + ">; rel=\"http://www.w3.org/ns/json-ld#context\"; type=\"application/ld+json\"");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"*/*", "text/html, application/json;q=0.9", "text/html,application/xhtml+xml,*/*;q=0.8"})
    void whoTakesAnythingOrPrefersPagesIsRedirected(String accept) {
        addPump();

        assertThat(location(server.get(GTIN, "Accept", accept))).isEqualTo("https://example.com/en");
    }

    @Test
    void aBrowserGetsTheLinksetInAFormThatItShows() {
        addPump();

        HttpResponse<String> response = server.get(GTIN + "?linkType=linkset", "Accept", "text/html,*/*;q=0.8");

        assertThat(header(response, "Content-Type")).isEqualTo("application/json");
    }

    @Test
    void aLinksetHasTheLinksOfEveryLevel() throws IOException {
        addPump();
        records.add(item(SERIAL).value(1, "gs1:traceability", "https://example.com/trace/7"));

        JsonNode linkset =
                JSON.readTree(server.get(SERIAL + "?linkType=linkset").body());

        requireValid("linkset-schema.json", linkset);
        assertThat(linkset.path("linkset"))
                .extracting(context -> context.path("anchor").asText())
                .containsExactly(server.base() + SERIAL, server.base() + GTIN);
    }

    @Test
    void aLinkIsLookedForFromTheSerialUpToTheTradeItem() {
        addPump();
        records.add(item(GTIN + "/10/L1").value(1, "gs1:certificationInfo", "https://example.com/cert/lot"));
        records.add(item(SERIAL).value(1, "serial", "7"));

        assertThat(location(server.get(SERIAL))).isEqualTo("https://example.com/cert/lot");
        assertThat(location(server.get(SERIAL + "?linkType=certificationInfo")))
                .startsWith("https://example.com/cert/lot");
        assertThat(location(server.get(SERIAL + "?linkType=pip"))).startsWith("https://example.com/en");
        assertThat(location(server.get(GTIN + "/21/unregistered"))).isEqualTo("https://example.com/en");
    }

    @Test
    void theLinkHeaderHasTheLinksetAndEveryLink() {
        addPump();

        String link = header(server.get("/01/9521321000018"), "Link");

        assertThat(link)
                .contains("<" + server.base() + GTIN + "?linkType=linkset>; rel=\"linkset\"; type=\"" + LINKSET + "\"")
                .contains("<" + server.base() + GTIN + ">; rel=\"http://www.w3.org/2002/07/owl#sameAs\"")
                .contains("<https://example.com/en>; rel=\"https://ref.gs1.org/voc/pip\"; type=\"text/html\";"
                        + " hreflang=\"en\"; title=\"Pump\"")
                .contains("<https://example.com/zh>; rel=\"https://ref.gs1.org/voc/pip\"; type=\"text/html\";"
                        + " hreflang=\"zh\"; title*=UTF-8''%E6%B3%B5")
                .contains("<https://example.com/cert/2>");
        assertThat(header(server.get(GTIN), "Link")).doesNotContain("sameAs");
    }

    @Test
    void theLinkHeaderIsBounded() {
        RecordDraft.Builder draft = item(GTIN);
        for (int i = 1; i <= 100; i++) {
            draft.value(i, "gs1:relatedVideo", "https://example.com/" + "v".repeat(200) + i);
        }
        records.add(draft);

        assertThat(header(server.get(GTIN), "Link")).hasSizeBetween(3_500, LinkHeader.MAX_CHARACTERS);
    }

    @Test
    void everyOriginMayAsk() {
        addPump();

        assertThat(header(server.get(GTIN, "Origin", "https://shop.example"), "Access-Control-Allow-Origin"))
                .isEqualTo("*");
        HttpResponse<String> options =
                server.send("OPTIONS", GTIN, "Origin", "https://shop.example", "Access-Control-Request-Method", "GET");
        assertThat(options.statusCode()).isBetween(200, 204);
        assertThat(header(options, "Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(header(options, "Access-Control-Allow-Methods")).contains("GET", "HEAD", "OPTIONS");
    }

    @Test
    void headIsAnsweredLikeGetWithoutABody() {
        addPump();

        HttpResponse<String> redirect = server.send("HEAD", GTIN);
        assertThat(location(redirect)).isEqualTo("https://example.com/en");
        HttpResponse<String> linkset = server.send("HEAD", GTIN + "?linkType=linkset");
        assertThat(linkset.statusCode()).isEqualTo(200);
        assertThat(linkset.body()).isEmpty();
        assertThat(header(linkset, "Content-Type")).isEqualTo(LINKSET);
    }

    @Test
    void aWrongLinkIsABadRequestThatNamesThePlace() throws IOException {
        HttpResponse<String> response = server.get("/01/09521321000011");

        assertThat(response.statusCode()).isEqualTo(400);
        JsonNode problem = JSON.readTree(response.body());
        assertThat(problem.path("offset").asInt()).isEqualTo(17);
        assertThat(problem.path("detail").asText()).contains("the check digit of these digits is 8");
    }

    @Test
    void aThingWithoutARecordIsNotFound() throws IOException {
        HttpResponse<String> response = server.get(SERIAL);

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(JSON.readTree(response.body()).path("identifier").asText()).isEqualTo("gs1:" + SERIAL.substring(1));
    }

    @Test
    void aRevokedThingIsGoneEvenWhereItsTradeItemIsNot() {
        addPump();
        records.add(item(SERIAL).revoked(), Outcome.RECORD_REVOKED);

        assertThat(server.get(SERIAL).statusCode()).isEqualTo(410);
        assertThat(server.get(GTIN).statusCode()).isEqualTo(307);
    }

    @Test
    void anExpiredThingIsGone() {
        records.add(item(GTIN).issuedAt(1_000).expiresAt(2_000).value(1, "URL", "https://example.com/old"));

        assertThat(server.get(GTIN).statusCode()).isEqualTo(410);
    }

    @Test
    void aThingWhosePrefixHasANodeOfItsOwnIsLedThere() {
        TestParties.Party company = TestParties.Party.withNewKeys(Suite.ED25519, OWNER);
        NodeAddress https = NodeAddress.newBuilder()
                .setFace("https")
                .setHost("node.example.com")
                .setPort(443)
                .build();
        IdentifierRecord withNode = company.sign(company.prefixDraft(company, company.keys(), List.of(https)));
        IdentifierRecord without = company.sign(company.prefixDraft(company));

        records.put(
                item(GTIN).build().key(), Outcome.REFERRAL, withNode.encoded().toByteArray());
        assertThat(location(server.get(GTIN + "?linkType=linkset")))
                .isEqualTo("https://node.example.com" + GTIN + "?linkType=linkset");
        records.put(
                item(GTIN).build().key(), Outcome.REFERRAL, without.encoded().toByteArray());
        assertThat(server.get(GTIN).statusCode()).isEqualTo(404);
    }

    @Test
    void aThingWithoutLinksIsLedToItsPageHere() {
        records.add(item(GTIN + "/21/a%2Fb").value(1, "name", "Pump"));

        assertThat(location(server.get(GTIN + "/21/a%2Fb"))).isEqualTo("/gs1:01/09521321000018/21/a%252Fb");
        assertThat(server.get("/gs1:01/09521321000018/21/a%252Fb").statusCode()).isEqualTo(299);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "javascript:alert(1)",
                "ftp://example.com/x",
                "/relative",
                "https://exa mple.com",
                "https:///x",
                "",
                "{\"title\":\"no address\"}",
                "{not json"
            })
    void aValueThatIsNoWebAddressIsNoLink(String data) {
        records.add(item(GTIN).value(1, "gs1:pip", data).value(2, "gs1:faqs", "https://example.com/faqs"));

        assertThat(location(server.get(GTIN))).isEqualTo("https://example.com/faqs");
    }

    @Test
    void noTextOfARecordStartsAHeaderOfItsOwn() {
        records.add(item(GTIN)
                .value(1, "name", "a\r\nX-Evil: 1")
                .value(
                        2,
                        "gs1:pip",
                        json("'href':'https://example.com/a','title':'t\\r\\nX-Evil: 1\\\"; b','type':'a/b\\\"x'"))
                .value(3, "gs1:faqs", "https://example.com/b"));

        HttpResponse<String> response = server.get(GTIN);

        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(header(response, "X-Evil")).isEmpty();
        assertThat(header(response, "Link")).contains("title=\"tX-Evil: 1\\\"; b\"");
    }

    @Test
    void aStemInFrontStaysInTheAnchors() throws IOException {
        addPump();

        JsonNode linkset =
                JSON.readTree(server.get("/shop/cn" + GTIN, "Accept", LINKSET).body());

        assertThat(linkset.at("/linkset/0/anchor").asText()).isEqualTo(server.base() + "/shop/cn" + GTIN);
    }

    @Test
    void aSlashAtTheEndDoesNoHarm() {
        addPump();

        assertThat(location(server.get(GTIN + "/"))).isEqualTo("https://example.com/en");
    }

    @Test
    void aBusyNodeSaysWhenToComeBack() {
        records.failure = new BusyException("too much to do");

        HttpResponse<String> response = server.get(GTIN);

        assertThat(response.statusCode()).isEqualTo(503);
        assertThat(header(response, "Retry-After")).isNotEmpty();
    }

    @Test
    void everyLevelThatIsLookedUpIsCounted() {
        addPump();
        records.slow = true;

        assertThat(location(server.get(SERIAL))).isEqualTo("https://example.com/en");

        assertThat(records.counted(Outcome.RECORD)).isEqualTo(1);
        assertThat(records.counted(Outcome.NOT_FOUND)).isEqualTo(2);
    }

    @Test
    void otherPathsAreAnsweredByTheOtherHandler() {
        assertThat(server.get("/88.118.8/01/09521321000018").statusCode()).isEqualTo(299);
    }

    @Test
    void theDescriptionFileKeepsToItsSchema() throws IOException {
        HttpResponse<String> response = server.get("/.well-known/gs1resolver");

        assertThat(response.statusCode()).isEqualTo(200);
        JsonNode file = JSON.readTree(response.body());
        requireValid("description-schema.json", file);
        assertThat(file.path("resolverRoot").asText()).isEqualTo(server.base());
        assertThat(file.path("supportedPrimaryKeys")).hasSize(20);
    }
}
