package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.web.PercentEncoding;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.KeyId;
import org.waymark.v1.RegisterResponse;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.SignedRecord;

/** The HTTP face of a whole node. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HttpFaceIT {

    private static final String BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private static Path home;

    private TestNode node;

    @BeforeAll
    void start() throws Exception {
        node = new TestNode(home);
    }

    @AfterAll
    void stop() {
        node.close();
    }

    private IdentifierRecord registered(String suffix) throws Exception {
        IdentifierRecord record = node.parties.maker.sign(node.parties.maker.itemDraft(suffix));
        node.register(record);
        return record;
    }

    private static String text(HttpResponse<byte[]> response) {
        return new String(response.body(), StandardCharsets.UTF_8);
    }

    private static JsonNode json(HttpResponse<byte[]> response) throws Exception {
        return JSON.readTree(response.body());
    }

    private static String header(HttpResponse<?> response, String name) {
        return response.headers().firstValue(name).orElse("");
    }

    // ---- reading -----------------------------------------------------------------------------------------------

    @Test
    void protobufIsTheRecordToTheByte() throws Exception {
        IdentifierRecord record = registered("bytes");
        HttpResponse<byte[]> response = node.get("/88.118.8/bytes", "Accept", "application/protobuf");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Type")).isEqualTo("application/protobuf");
        assertThat(response.body()).isEqualTo(record.encoded().toByteArray());
    }

    @Test
    void jsonHasTheProofAndWhatItSays() throws Exception {
        IdentifierRecord record = registered("json");
        HttpResponse<byte[]> response = node.get("/88.118.8/json");
        JsonNode document = json(response);
        assertThat(document.get("identifier").asText()).isEqualTo("88.118.8/json");
        assertThat(document.get("outcome").asText()).isEqualTo("RECORD");
        assertThat(document.at("/header/version").asText()).isEqualTo("1");
        assertThat(document.at("/values/1/text").asText()).isEqualTo("ZLJ5311");
        SignedRecord.Builder signed = SignedRecord.newBuilder();
        ProtoJson.read(document.get("record"), signed, "");
        assertThat(signed.build().toByteString()).isEqualTo(record.encoded());
        assertThat(header(response, "Vary")).contains("Accept");
    }

    @Test
    void someValuesOfARecordStillVerify() throws Exception {
        registered("some");
        HttpResponse<byte[]> response = node.get("/88.118.8/some?type=model", "Accept", "application/protobuf");
        IdentifierRecord partial = IdentifierRecord.parse(ByteString.copyFrom(response.body()));
        assertThat(partial.isPartial()).isTrue();
        assertThat(partial.values())
                .singleElement()
                .satisfies(value -> assertThat(value.type()).isEqualTo("model"));
    }

    @Test
    void aRepresentationThatIsHeldIsNotSentAgain() throws Exception {
        registered("held");
        HttpResponse<byte[]> first = node.get("/88.118.8/held");
        // The record may be kept for a day, but its prefix might be disabled sooner.
        assertThat(header(first, "Cache-Control")).isEqualTo("public, max-age=300");
        HttpResponse<byte[]> again = node.get("/88.118.8/held", "If-None-Match", header(first, "ETag"));
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(header(again, "ETag")).isEqualTo(header(first, "ETag"));
        assertThat(header(again, "Cache-Control")).startsWith("public, max-age=");
        HttpResponse<byte[]> protobuf =
                node.get("/88.118.8/held", "Accept", "application/protobuf", "If-None-Match", header(first, "ETag"));
        assertThat(protobuf.statusCode()).isEqualTo(200);
    }

    @Test
    void aBrowserIsSentToTheRecordsLink() throws Exception {
        registered("link");
        HttpResponse<byte[]> response = node.get("/88.118.8/link", "Accept", BROWSER);
        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(header(response, "Location")).isEqualTo("https://example.com/link");
        assertThat(header(response, "Vary")).contains("Accept");
    }

    @Test
    void aPageShowsTheRecordAndThatItVerifies() throws Exception {
        IdentifierRecord record = registered("page");
        HttpResponse<byte[]> response = node.get("/88.118.8/page?info", "Accept", BROWSER);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(text(response))
                .contains("<h1>88.118.8/page</h1>", "ZLJ5311", "<b>Verified</b>", "Party 88.118.8", "Party 88.118")
                .contains(new KeyId(record.keyId()).toString())
                .contains("href=\"https://example.com/page\"")
                .doesNotContain("<script");
        assertThat(header(response, "Content-Security-Policy")).contains("default-src 'none'");
        HttpResponse<byte[]> again =
                node.get("/88.118.8/page?info", "Accept", BROWSER, "If-None-Match", header(response, "ETag"));
        assertThat(again.statusCode()).isEqualTo(304);
        HttpResponse<byte[]> chinese =
                node.get("/88.118.8/page?info", "Accept", BROWSER, "Accept-Language", "zh-CN,zh;q=0.9,en;q=0.1");
        assertThat(text(chinese)).contains("<html lang=\"zh\">", "已验证", "信任链");
        assertThat(header(chinese, "Content-Language")).isEqualTo("zh");
    }

    @Test
    void whatARecordSaysCannotBecomeMarkup() throws Exception {
        node.register(node.parties.maker.sign(node.parties
                .maker
                .emptyItemDraft("<b>'\"&")
                .value(1, "<i>", "</td><script>alert(1)</script>")
                .value(2, "URL", "javascript:alert(1)")
                .value(3, "URL", "https://example.com/\"onclick=\"x")));
        String path = "/" + PercentEncoding.encodePath("88.118.8/<b>'\"&");
        HttpResponse<byte[]> page = node.get(path + "?info", "Accept", BROWSER);
        assertThat(text(page))
                .contains("&lt;script&gt;")
                .doesNotContain("<script", "<i>", "8/<b>", "href=\"javascript", "\"onclick");
    }

    @Test
    void aPrefixHasItsPageAndItsRecord() throws Exception {
        for (String target : List.of("/88.118.8", "/vaa:88.118.8", "/88.118.8?kind=prefix")) {
            HttpResponse<byte[]> response = node.get(target);
            assertThat(response.statusCode()).as(target).isEqualTo(200);
            assertThat(json(response).get("kind").asText()).isEqualTo("PREFIX");
        }
        assertThat(text(node.get("/88.118.8", "Accept", BROWSER)))
                .contains("Prefix record", "<b>Verified</b>", "DELEGATE");
        assertThat(text(node.get("/88.118", "Accept", BROWSER))).contains("<b>Verified</b>");
        assertThat(node.get("/88.118.8?kind=item").statusCode()).isEqualTo(400);
    }

    @Test
    void identifiersWithSlashesAndSignsOfOtherLanguagesAreFound() throws Exception {
        for (String suffix : List.of("a/b//c", "泵-1", "a+b", "a:b;c=d", "x/../y", "%41", "q?r#s")) {
            registered(suffix);
            String target = "/" + PercentEncoding.encodePath("88.118.8/" + suffix);
            HttpResponse<byte[]> response = node.get(target);
            assertThat(response.statusCode()).as(suffix).isEqualTo(200);
            assertThat(json(response).get("identifier").asText()).isEqualTo("88.118.8/" + suffix);
        }
    }

    @Test
    void anotherFormOfAnIdentifierSaysWhichOneIsCanonical() throws Exception {
        registered("cafe\u0301".replace("e\u0301", "\u00e9"));
        HttpResponse<byte[]> response = node.get("/88.118.8/cafe%CC%81");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(header(response, "Content-Location")).isEqualTo("/88.118.8/caf%C3%A9");
    }

    @Test
    void thatThereIsNoRecordHasItsOwnLife() throws Exception {
        HttpResponse<byte[]> response = node.get("/88.118.8/nothing");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(header(response, "Content-Type")).isEqualTo("application/problem+json");
        assertThat(header(response, "Cache-Control")).matches("public, max-age=(29|30)");
        assertThat(json(response).get("owner").asText()).isEqualTo("88.118.8");
        assertThat(text(node.get("/88.118.8/nothing", "Accept", BROWSER))).contains("<!DOCTYPE html>");
    }

    @Test
    void whatIsNoIdentifierIsToldWithItsPlace() throws Exception {
        HttpResponse<byte[]> response = node.get("/0%7C0001%7Cx%00");
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(json(response).get("offset").asInt()).isEqualTo(8);
        assertThat(json(node.get("/88.118.8/%FF")).get("field").asText()).isEqualTo("path");
    }

    @Test
    void aPrefixOfAnotherTreeIsNotAnsweredFor() throws Exception {
        HttpResponse<byte[]> response = node.get("/20.500.12345/abc");
        assertThat(response.statusCode()).isEqualTo(421);
        assertThat(header(response, "Cache-Control")).isEqualTo("no-store");
        assertThat(json(response).get("outcome").asText()).isEqualTo("NOT_RESPONSIBLE");
    }

    @Test
    void whatAnotherNodeServesIsReferredToIt() throws Exception {
        HttpResponse<byte[]> response = node.get("/88.118.21/a%2Fb?info");
        assertThat(response.statusCode()).isEqualTo(307);
        assertThat(header(response, "Location")).isEqualTo("https://node.example.com/88.118.21/a%2Fb?info");
        response = node.get("/88.118.22/x");
        assertThat(response.statusCode()).isEqualTo(421);
        assertThat(json(response).at("/nodes/0/host").asText()).isEqualTo("node.example.com");
    }

    @Test
    void aRevokedRecordIsGoneAndSaysSoItself() throws Exception {
        IdentifierRecord first = registered("revoked");
        IdentifierRecord second = node.parties.maker.sign(node.parties.following(
                first, node.parties.maker.emptyItemDraft("revoked").revoked()));
        node.register(second);
        HttpResponse<byte[]> response = node.get("/88.118.8/revoked", "Accept", "application/protobuf");
        assertThat(response.statusCode()).isEqualTo(410);
        assertThat(response.body()).isEqualTo(second.encoded().toByteArray());
        HttpResponse<byte[]> page = node.get("/88.118.8/revoked", "Accept", BROWSER);
        assertThat(page.statusCode()).isEqualTo(410);
        assertThat(text(page)).contains("Revoked", "<b>Verified</b>");
    }

    @Test
    void lookUpsAreCountedAsThoseOfThisFace() throws Exception {
        registered("counted");
        double before = resolutions();
        node.get("/88.118.8/counted");
        assertThat(resolutions()).isGreaterThan(before);
    }

    private double resolutions() {
        return node.meters.get("waymark.resolutions").tag("face", "http").tag("outcome", "RECORD").counters().stream()
                .mapToDouble(counter -> counter.count())
                .sum();
    }

    // ---- writing -----------------------------------------------------------------------------------------------

    private List<IdentifierRecord> signed(String name, int count) {
        List<IdentifierRecord> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(node.parties.maker.sign(node.parties.maker.itemDraft(name + i)));
        }
        return records;
    }

    private static List<String> codes(JsonNode response) {
        List<String> codes = new ArrayList<>();
        response.get("results").forEach(result -> codes.add(result.get("code").asText()));
        return codes;
    }

    @Test
    void recordsAreTakenInEveryForm() throws Exception {
        IdentifierRecord[] records = signed("form-", 2).toArray(IdentifierRecord[]::new);
        ByteArrayOutputStream delimited = new ByteArrayOutputStream();
        StringBuilder lines = new StringBuilder();
        List<String> objects = new ArrayList<>();
        for (IdentifierRecord record : records) {
            SignedRecord message = SignedRecord.parseFrom(record.encoded());
            message.writeDelimitedTo(delimited);
            String object = ProtoJson.write(message).toString();
            objects.add(object);
            lines.append(object).append("\r\n\n");
        }
        assertThat(codes(json(node.post("application/protobuf", TestNode.request(records)))))
                .containsExactly("CREATED", "CREATED");
        List<String> unchanged = List.of("UNCHANGED", "UNCHANGED");
        assertThat(codes(json(node.post("application/protobuf; encoding=delimited", delimited.toByteArray()))))
                .isEqualTo(unchanged);
        assertThat(codes(json(node.post("application/x-ndjson", lines.toString().getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo(unchanged);
        String array = objects.toString();
        assertThat(codes(json(node.post("application/json", array.getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo(unchanged);
        assertThat(codes(json(node.post(
                        "application/json", ("{\"records\":" + array + "}").getBytes(StandardCharsets.UTF_8)))))
                .isEqualTo(unchanged);
        assertThat(codes(json(node.post("application/json", objects.get(0).getBytes(StandardCharsets.UTF_8)))))
                .containsExactly("UNCHANGED");
        byte[] asGivenOut = node.get("/88.118.8/form-0").body();
        assertThat(codes(json(node.post("application/json", asGivenOut)))).containsExactly("UNCHANGED");
    }

    @Test
    void resultsAreHadInEveryForm() throws Exception {
        byte[] request = TestNode.request(signed("result-", 3).toArray(IdentifierRecord[]::new));
        RegisterResponse response =
                RegisterResponse.parseFrom(node.post("application/protobuf", request, "Accept", "application/protobuf")
                        .body());
        assertThat(response.getResultsList()).allMatch(result -> result.getCode() == RegisterResult.Code.CREATED);
        HttpResponse<byte[]> lines = node.post("application/protobuf", request, "Accept", "application/x-ndjson");
        assertThat(text(lines).lines()).hasSize(3).allMatch(line -> line.contains("\"UNCHANGED\""));
    }

    @Test
    void aLongUploadIsAnsweredInOrder() throws Exception {
        List<IdentifierRecord> records = signed("long-", 700);
        IdentifierRecord refused = records.get(650);
        byte[] changed = refused.encoded().toByteArray();
        changed[changed.length - 1] ^= 1;
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int i = 0; i < records.size(); i++) {
            byte[] record = i == 650 ? changed : records.get(i).encoded().toByteArray();
            CodedOutputStream out = CodedOutputStream.newInstance(body);
            out.writeByteArray(1, record);
            out.flush();
        }
        List<String> codes = codes(json(node.post("application/protobuf", body.toByteArray())));
        assertThat(codes).hasSize(700);
        for (int i = 0; i < codes.size(); i++) {
            assertThat(codes.get(i)).as("record " + i).isEqualTo(i == 650 ? "UNAUTHORISED" : "CREATED");
        }
    }

    @Test
    void eachResultComesBeforeTheNextRecordIsSent() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", node.uri("/").getPort())) {
            socket.setSoTimeout(20_000);
            send(
                    socket,
                    "POST /api/records HTTP/1.1\r\nHost: node\r\nContent-Type: application/x-ndjson\r\n"
                            + "Accept: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
            InputStream in = socket.getInputStream();
            for (IdentifierRecord record : signed("stream-", 5)) {
                String line = ProtoJson.write(SignedRecord.parseFrom(record.encoded())) + "\n";
                send(socket, Integer.toHexString(line.length()) + "\r\n" + line + "\r\n");
                readUntil(in, "\"CREATED\"");
            }
            send(socket, "0\r\n\r\n");
            readUntil(in, "\r\n0\r\n\r\n");
        }
    }

    private static void send(Socket socket, String text) throws Exception {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static void readUntil(InputStream in, String end) throws Exception {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            int next = in.read();
            assertThat(next).as("after " + read).isNotNegative();
            read.append((char) next);
        }
    }

    @Test
    void anUploadThatBreaksOffSaysHowFarItCame() throws Exception {
        byte[] whole = TestNode.request(signed("broken-", 3).toArray(IdentifierRecord[]::new));
        byte[] cut = Arrays.copyOf(whole, whole.length - 10);
        JsonNode response = json(node.post("application/protobuf", cut));
        assertThat(codes(response)).containsExactly("CREATED", "CREATED", "INVALID");
        assertThat(response.at("/results/2/field").asText()).isEqualTo("records[2]");
        assertThat(response.at("/results/2/message").asText()).contains("ends within a record");
        HttpResponse<byte[]> nothing = node.post("application/protobuf", new byte[] {0x0A, 5, 1});
        assertThat(nothing.statusCode()).isEqualTo(400);
        assertThat(json(nothing).get("offset").asInt()).isZero();
    }

    @Test
    void aLineThatIsNoRecordDoesNotStopTheOthers() throws Exception {
        IdentifierRecord record = signed("lines-", 1).get(0);
        String good = ProtoJson.write(SignedRecord.parseFrom(record.encoded())).toString();
        String body = "{\"header\": 5}\nnonsense\n" + good + "\n{\"proof\":{\"leaf\":\"-1\"}}";
        JsonNode response = json(node.post("application/x-ndjson", body.getBytes(StandardCharsets.UTF_8)));
        assertThat(codes(response)).containsExactly("INVALID", "INVALID", "CREATED", "INVALID");
        assertThat(response.at("/results/0/field").asText()).isEqualTo("header");
        assertThat(response.at("/results/3/field").asText()).isEqualTo("proof.leaf");
    }

    @Test
    void anEmptyUploadHasNoResults() throws Exception {
        assertThat(codes(json(node.post("application/protobuf", new byte[0])))).isEmpty();
    }
}
