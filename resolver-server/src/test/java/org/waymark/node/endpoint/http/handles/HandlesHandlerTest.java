package org.waymark.node.endpoint.http.handles;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.node.TestParties;
import org.waymark.node.endpoint.http.SignedRecords;
import org.waymark.node.endpoint.http.TestServer;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.node.web.Router;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.Suite;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

class HandlesHandlerTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant ISSUED = Instant.parse("2026-01-02T03:04:05.678Z");
    private static final String PUMP = "/api/handles/88.118.8/PUMP";

    private final SignedRecords records = new SignedRecords();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(Router.builder()
                .get(
                        HandlesHandler.PATTERN,
                        new HandlesHandler(records, 1_000_000, request -> records.counted, Clock.systemUTC()))
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private static RecordDraft.Builder item(String identifier) {
        return SignedRecords.item(identifier, identifier.substring(0, identifier.indexOf('/')))
                .issuedAt(ISSUED.toEpochMilli());
    }

    private void addPump() {
        records.add(item("88.118.8/PUMP")
                .ttlSeconds(3_600)
                .value(1, "URL", "https://example.com/pump")
                .value(2, "EMAIL", "a@example.com")
                .value(3, "name", "\u6cf5")
                .value(4, "name.en", "Pump")
                .value(5, "names", "Pumps")
                .value(6, "thumbnail", new byte[] {(byte) 0xFF, 0, 1}));
    }

    private static JsonNode json(HttpResponse<String> response) throws IOException {
        return JSON.readTree(response.body());
    }

    private static List<Integer> indexes(HttpResponse<String> response) throws IOException {
        return json(response).findValues("index").stream().map(JsonNode::asInt).toList();
    }

    @Test
    void anAnswerIsTheDocumentThatHandleServersGive() throws IOException {
        addPump();

        HttpResponse<String> response = server.get(PUMP + "?index=1&index=3&index=6");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json;charset=UTF-8");
        assertThat(response.headers().firstValue("Access-Control-Allow-Origin")).contains("*");
        assertThat(response.body())
                .isEqualTo(("{'responseCode':1,'handle':'88.118.8/PUMP','values':["
                                + "{'index':1,'type':'URL','data':{'format':'string','value':'https://example.com/pump'},"
                                + "'ttl':3600,'timestamp':'2026-01-02T03:04:05Z'},"
                                + "{'index':3,'type':'name','data':{'format':'string','value':'\u6cf5'},"
                                + "'ttl':3600,'timestamp':'2026-01-02T03:04:05Z'},"
                                + "{'index':6,'type':'thumbnail','data':{'format':'base64','value':'/wAB'},"
                                + "'ttl':3600,'timestamp':'2026-01-02T03:04:05Z'}]}")
                        .replace('\'', '"'));
    }

    @ParameterizedTest
    @CsvSource({
        "'', '1,2,3,4,5,6'",
        "?type=URL, 1",
        "?type=url, 1",
        "?type=URL&type=EMAIL, '1,2'",
        "?type=URL&index=6, '1,6'",
        "?type=name, 3",
        "?type=name., '3,4'",
        "?index=6&index=6&index=4000000000, 6",
        "?type=name.en&pretty=true&auth=true&publicOnly=false&cert=true, 4",
    })
    void valuesAreSelectedByIndexOrType(String query, String expected) throws IOException {
        addPump();

        assertThat(indexes(server.get(PUMP + query)))
                .extracting(Object::toString)
                .containsExactly(expected.split(","));
    }

    @Test
    void valuesThatAreNotThereAreCode200() throws IOException {
        addPump();

        HttpResponse<String> response = server.get(PUMP + "?type=HS_ADMIN");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(200);
        assertThat(json(response).path("values")).isEmpty();
    }

    @Test
    void aHandleThatIsNotThereIsCode100() throws IOException {
        HttpResponse<String> response = server.get("/api/handles/20.500.12345/none");

        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(100);
        assertThat(json(response).path("handle").asText()).isEqualTo("20.500.12345/none");
        assertThat(json(response).path("message").asText()).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"noslash", "88.118.8/", "", "88.118.8/a%20b", "88.118.8/%FF", "88..8/x"})
    void whatIsNoHandleIsCode102(String handle) throws IOException {
        HttpResponse<String> response = server.get("/api/handles/" + handle);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(102);
    }

    @ParameterizedTest
    @ValueSource(strings = {"index=various", "index=-1", "index=4294967296", "index=", "type=%FF"})
    void aParameterThatCantBeUsedIsCode4(String parameter) throws IOException {
        addPump();

        HttpResponse<String> response = server.get(PUMP + "?" + parameter);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(4);
        assertThat(json(response).path("message").asText()).isNotEmpty();
    }

    @Test
    void aForeignPrefixIsCode301() throws IOException {
        AnswerDetail detail =
                AnswerDetail.newBuilder().setMessage("not served here").build();
        records.put(
                RecordKey.of(RecordKind.ITEM, Scheme.HANDLE, "20.1/x"), Outcome.NOT_RESPONSIBLE, detail.toByteArray());

        HttpResponse<String> response = server.get("/api/handles/20.1/x");

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(301);
        assertThat(json(response).path("message").asText()).isEqualTo("not served here");
    }

    @Test
    void aPrefixWithANodeOfItsOwnIsCode302AndAWayThere() throws IOException {
        TestParties parties = new TestParties(Suite.ED25519);
        NodeAddress https = NodeAddress.newBuilder()
                .setFace("https")
                .setHost("2001:db8::1")
                .setPort(8443)
                .build();
        IdentifierRecord prefix =
                parties.root.sign(parties.maker.prefixDraft(parties.root, parties.maker.keys(), List.of(https)));
        records.put(
                RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.118.8/PUMP"),
                Outcome.REFERRAL,
                prefix.encoded().toByteArray());

        HttpResponse<String> response = server.get(PUMP + "?type=URL");

        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(response.headers().firstValue("Location"))
                .contains("https://[2001:db8::1]:8443/api/handles/88.118.8/PUMP?type=URL");
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(302);
    }

    @Test
    void aRevokedOrExpiredRecordIsNotFound() throws IOException {
        records.add(item("88.118.8/OLD").revoked(), Outcome.RECORD_REVOKED);
        records.add(item("88.118.8/PAST").expiresAt(ISSUED.toEpochMilli() + 1));

        for (String handle : List.of("88.118.8/OLD", "88.118.8/PAST")) {
            HttpResponse<String> response = server.get("/api/handles/" + handle);
            assertThat(response.statusCode()).isEqualTo(404);
            assertThat(json(response).path("responseCode").asInt()).isEqualTo(100);
        }
    }

    @Test
    void aBusyOrBrokenNodeSaysSo() throws IOException {
        records.failure = new BusyException("too much to do");
        HttpResponse<String> busy = server.get(PUMP);
        records.failure = new UnavailableException("the registry is away", null);
        HttpResponse<String> away = server.get(PUMP);
        records.failure = new IllegalStateException("a fault inside");
        HttpResponse<String> broken = server.get(PUMP);

        assertThat(busy.statusCode()).isEqualTo(503);
        assertThat(busy.headers().firstValue("Retry-After")).isPresent();
        assertThat(json(busy).path("responseCode").asInt()).isEqualTo(3);
        assertThat(away.statusCode()).isEqualTo(503);
        assertThat(broken.statusCode()).isEqualTo(500);
        assertThat(json(broken).path("responseCode").asInt()).isEqualTo(2);
        assertThat(broken.body()).doesNotContain("a fault inside");
    }

    @Test
    void administratorsAndListsOfValuesAreTakenApart() throws IOException {
        ByteArrayOutputStream admin = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(admin)) {
            out.writeShort(0b0111_1111_0011);
            writeReference(out, "0.NA/88.118.8", 200);
        }
        ByteArrayOutputStream list = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(list)) {
            out.writeInt(2);
            writeReference(out, "0.NA/88.118.8", 300);
            writeReference(out, "88.118.8/\u4eba", 301);
        }
        records.add(item("88.118.8/A")
                .value(100, "HS_ADMIN", admin.toByteArray())
                .value(101, "HS_ADMIN", new byte[] {0, 1, 0, 0, 0, 99})
                .value(102, "HS_ADMIN", "in words")
                .value(200, "HS_VLIST", list.toByteArray()));

        JsonNode values = json(server.get("/api/handles/88.118.8/A")).path("values");

        assertThat(values.get(0).path("data"))
                .isEqualTo(JSON.readTree("{\"format\":\"admin\",\"value\":{\"handle\":\"0.NA/88.118.8\",\"index\":200,"
                        + "\"permissions\":\"011111110011\"}}"));
        assertThat(values.get(1).at("/data/format").asText()).isEqualTo("base64");
        assertThat(values.get(2).at("/data/value").asText()).isEqualTo("in words");
        assertThat(values.get(3).path("data"))
                .isEqualTo(
                        JSON.readTree("{\"format\":\"vlist\",\"value\":[{\"handle\":\"0.NA/88.118.8\",\"index\":300},"
                                + "{\"handle\":\"88.118.8/\u4eba\",\"index\":301}]}"));
    }

    private static void writeReference(DataOutputStream out, String handle, int index) throws IOException {
        byte[] bytes = handle.getBytes(StandardCharsets.UTF_8);
        out.writeInt(bytes.length);
        out.write(bytes);
        out.writeInt(index);
    }

    @Test
    void aRestrictedValueIsNotShown() throws IOException {
        IdentifierRecord whole = records.add(item("88.118.8/SECRET")
                .value(1, "URL", "https://example.com/s")
                .restrictedValue(
                        2, "cost", "42".getBytes(StandardCharsets.UTF_8), List.of(Prefix.parse("88.118.900"))));
        records.put(
                whole.key(),
                Outcome.RECORD,
                whole.publicView(Suite.ED25519.hash()).encoded().toByteArray());

        assertThat(indexes(server.get("/api/handles/88.118.8/SECRET"))).containsExactly(1);
        assertThat(json(server.get("/api/handles/88.118.8/SECRET?index=2"))
                        .path("responseCode")
                        .asInt())
                .isEqualTo(200);
    }

    @Test
    void aHandleIsReadInAnyFormAndGivenBackAsItWasAskedFor() throws IOException {
        records.add(item("88.118.8/a:\u6cf5/1").value(1, "URL", "https://example.com/1"));
        records.add(
                SignedRecords.item("gs1:01/09521321000018/21/7", "gs1:9521321").value(1, "name", "x"));

        JsonNode vaa = json(server.get("/api/handles/88.118.8/a%3A%E6%B3%B5%2F1"));
        JsonNode gs1 = json(server.get("/api/handles/(01)9521321000018(21)7"));

        assertThat(vaa.path("responseCode").asInt()).isEqualTo(1);
        assertThat(vaa.path("handle").asText()).isEqualTo("88.118.8/a:\u6cf5/1");
        assertThat(gs1.path("handle").asText()).isEqualTo("(01)9521321000018(21)7");
        assertThat(gs1.path("values")).hasSize(1);
    }

    @Test
    void prettyIsTheSameOverSeveralLines() throws IOException {
        addPump();

        HttpResponse<String> pretty = server.get(PUMP + "?pretty");

        assertThat(pretty.body()).contains("\n");
        assertThat(json(pretty)).isEqualTo(json(server.get(PUMP + "?pretty=false")));
    }

    @Test
    void aCallbackIsCalledWithTheDocument() throws IOException {
        addPump();

        HttpResponse<String> found = server.get(PUMP + "?callback=jQuery_1.on&type=URL");
        HttpResponse<String> missing = server.get("/api/handles/88.118.8/NONE?callback=f");

        assertThat(found.body())
                .isEqualTo("/**/jQuery_1.on(" + server.get(PUMP + "?type=URL").body() + ");");
        assertThat(found.headers().firstValue("Content-Type")).contains("application/javascript; charset=utf-8");
        assertThat(found.headers().firstValue("X-Content-Type-Options")).contains("nosniff");
        assertThat(missing.statusCode()).isEqualTo(200);
        assertThat(missing.body()).startsWith("/**/f({\"responseCode\":100,");
    }

    @ParameterizedTest
    @ValueSource(strings = {"alert(1)", "a.", "1a", "a%20b", "a%3Bb", "%3Cscript%3E", "a..b", "a-b"})
    void aCallbackThatIsNoNameIsRefused(String callback) throws IOException {
        addPump();

        HttpResponse<String> response = server.get(PUMP + "?callback=" + callback);

        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/json;charset=UTF-8");
        assertThat(json(response).path("responseCode").asInt()).isEqualTo(4);
    }

    @Test
    void aLongCallbackIsRefused() {
        addPump();

        assertThat(server.get(PUMP + "?callback=" + "a".repeat(64)).statusCode())
                .isEqualTo(200);
        assertThat(server.get(PUMP + "?callback=" + "a".repeat(65)).statusCode())
                .isEqualTo(400);
    }

    @Test
    void authPassesTheCaches() {
        addPump();

        server.get(PUMP + "?auth=true");
        assertThat(records.last.authoritative()).isTrue();
        server.get(PUMP + "?auth=true");
        assertThat(records.last.authoritative()).isTrue();
        server.get(PUMP + "?auth=false");
        assertThat(records.last.authoritative()).isFalse();
    }

    @Test
    void aChangedRecordIsSeenAtOnceThoughTheDocumentOfTheOneBeforeWasKept() throws IOException {
        addPump();
        assertThat(server.get(PUMP).body()).isEqualTo(server.get(PUMP).body());

        records.add(item("88.118.8/PUMP").value(7, "URL", "https://example.com/new"));

        assertThat(indexes(server.get(PUMP))).containsExactly(7);
        assertThat(indexes(server.get(PUMP))).containsExactly(7);
        records.put(
                RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.118.8/PUMP"),
                Outcome.NOT_FOUND,
                AnswerDetail.getDefaultInstance().toByteArray());
        assertThat(server.get(PUMP).statusCode()).isEqualTo(404);
    }

    @Test
    void everyLookUpIsCounted() {
        addPump();

        server.get(PUMP);
        server.get(PUMP);
        records.slow = true;
        server.get(PUMP);
        server.get("/api/handles/88.118.8/NONE");

        assertThat(records.counted(Outcome.RECORD)).isEqualTo(3);
        assertThat(records.counted(Outcome.NOT_FOUND)).isEqualTo(1);
    }

    /** The second answer from each place is a document that was made for the first. */
    @Test
    void aLookUpIsCountedForItsOwnerAndWhereItsRecordCameFrom() {
        RecordKey owner = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8");
        records.owner = owner;
        addPump();

        for (AnswerSource source : List.of(AnswerSource.REDIS, AnswerSource.REGISTRY, AnswerSource.NEAR_CACHE)) {
            records.source = source;
            server.get(PUMP);
            server.get(PUMP);
            assertThat(records.counted(source)).isEqualTo(2);
        }

        assertThat(records.counted(owner)).isEqualTo(6);
    }

    @Test
    void aLookUpThatFailedIsCountedAsFromNowhere() {
        records.failure = new BusyException("too much to do");
        server.get(PUMP);
        records.failure = new IllegalStateException("a fault inside");
        server.get(PUMP);

        assertThat(records.counted(Outcome.BUSY)).isEqualTo(1);
        assertThat(records.counted(Outcome.ERROR)).isEqualTo(1);
        assertThat(records.counted(AnswerSource.NONE)).isEqualTo(2);
    }

    @Test
    void theLifeOfAnAnswerIsToldToCaches() {
        addPump();

        assertThat(server.get(PUMP).headers().firstValue("Cache-Control").orElseThrow())
                .isIn("public, max-age=60", "public, max-age=59");
        assertThat(server.get("/api/handles/88.118.8/").headers().firstValue("Cache-Control"))
                .contains("no-store");
    }

    @Test
    void headIsAnsweredLikeGetWithoutABody() {
        addPump();

        HttpResponse<String> head = server.send("HEAD", PUMP);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length")).isPresent();
    }

    /** What B2HANDLE and PYHANDLE look at: a status and a code together, then types and data of the values. */
    @Test
    void thePythonClientsReadARecord() throws IOException {
        addPump();

        HttpResponse<String> found = server.get(PUMP, "Content-Type", "application/json");
        HttpResponse<String> missing = server.get("/api/handles/88.118.8/NONE", "Content-Type", "application/json");
        HttpResponse<String> empty = server.get(PUMP + "?index=77", "Content-Type", "application/json");

        assertThat(List.of(found.statusCode(), json(found).get("responseCode").asInt()))
                .containsExactly(200, 1);
        assertThat(List.of(
                        missing.statusCode(), json(missing).get("responseCode").asInt()))
                .containsExactly(404, 100);
        assertThat(List.of(empty.statusCode(), json(empty).get("responseCode").asInt()))
                .containsExactly(200, 200);
        for (JsonNode entry : json(found).get("values")) {
            if (entry.get("type").asText().equals("URL")) {
                assertThat(entry.get("data").get("value").asText()).isEqualTo("https://example.com/pump");
            }
            assertThat(entry.get("index").isInt()).isTrue();
            assertThat(Instant.parse(entry.get("timestamp").asText())).isBefore(ISSUED);
        }
    }

    /** {@code $.getJSON("https://proxy/api/handles/...?type=URL&callback=?", ...)}: jQuery names the callback and adds a time. */
    @Test
    void aPageReadsARecordWithJQuery() {
        addPump();

        HttpResponse<String> response =
                server.get(PUMP + "?type=URL&callback=jQuery36007_1767323045678&_=1767323045679");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body())
                .startsWith("/**/jQuery36007_1767323045678({\"responseCode\":1,")
                .endsWith("});");
    }

    @Test
    void registrationIsNotOfferedHere() {
        HttpResponse<String> response = server.send("DELETE", PUMP);

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).contains("GET, HEAD, OPTIONS");
    }

    @Test
    void dataOfAnyBytesComesBackWhole() throws IOException {
        byte[] all = new byte[256];
        for (int i = 0; i < all.length; i++) {
            all[i] = (byte) i;
        }
        records.add(item("88.118.8/B")
                .value(1, "bytes", all)
                .value(2, "control", "a\u0000b")
                .value(3, "empty", ""));

        JsonNode values = json(server.get("/api/handles/88.118.8/B")).path("values");

        assertThat(ByteString.copyFrom(values.get(0).at("/data/value").binaryValue()))
                .isEqualTo(ByteString.copyFrom(all));
        assertThat(values.get(1).at("/data/format").asText()).isEqualTo("base64");
        assertThat(values.get(2).path("data").toString()).isEqualTo("{\"format\":\"string\",\"value\":\"\"}");
    }
}
