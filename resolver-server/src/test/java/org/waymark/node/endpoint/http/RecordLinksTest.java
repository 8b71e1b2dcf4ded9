package org.waymark.node.endpoint.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.node.web.Router;
import org.waymark.node.web.WebResponse;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;

class RecordLinksTest {

    private final SignedRecords records = new SignedRecords();
    private final AtomicReference<IdentifierRecord> record = new AtomicReference<>();
    private TestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new TestServer(Router.builder()
                .get(
                        "/*",
                        request -> WebResponse.text(
                                        200,
                                        RecordLinks.defaultLink(record.get(), request)
                                                .orElse("none"))
                                .now())
                .build());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void sign(RecordDraft.Builder draft) {
        record.set(records.add(draft));
    }

    private static RecordDraft.Builder pump() {
        return SignedRecords.item("88.118.8/PUMP", "88.118.8");
    }

    @Test
    void theUrlOfARecordIsItsLink() {
        sign(pump().value(1, "name", "Pump").value(2, "URL", "https://example.com/泵"));

        assertThat(server.get("/x").body()).isEqualTo("https://example.com/%E6%B3%B5");
    }

    @Test
    void theLanguageDecidesAmongLinks() {
        sign(pump().value(1, "URL@zh", "https://example.com/zh").value(2, "URL@en", "https://example.com/en"));

        assertThat(server.get("/x", "Accept-Language", "en-GB").body()).isEqualTo("https://example.com/en");
        assertThat(server.get("/x").body()).isEqualTo("https://example.com/zh");
    }

    @Test
    void aRecordWithoutALinkLeadsNowhere() {
        sign(pump().value(1, "inspection_report", "https://example.com/report"));

        assertThat(server.get("/x").body()).isEqualTo("none");
    }
}
