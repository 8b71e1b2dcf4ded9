package org.waymark.node.operations;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.endpoint.Transport;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.reports.Figures;
import org.waymark.v1.NodeInfo;

class OperationsPortTest {

    private static final int MOST_VIEWERS = 32;

    @TempDir
    private Path home;

    private final HttpClient http = HttpClient.newHttpClient();
    private volatile NodeInfo info =
            NodeInfo.newBuilder().setPrefix("88.118").setReady(true).build();
    private Transport transport;
    private Figures figures;
    private OperationsPort port;

    @BeforeEach
    void start() throws IOException {
        NodeMetrics metrics = new NodeMetrics(new SimpleMeterRegistry());
        transport = Transport.open(Transport.Kind.NIO, 1);
        figures = new Figures(home, metrics, () -> info, Optional.empty(), ZoneOffset.UTC, Clock.systemUTC());
        Console console = new Console(metrics, () -> info, figures, () -> 7, Clock.systemUTC());
        port = new OperationsPort(
                "127.0.0.1", 0, Optional.empty(), transport, Optional.empty(), () -> info, console, Optional.empty());
        port.start();
    }

    @AfterEach
    void stop() {
        port.close();
        figures.close();
        transport.close();
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + port.address().getPort() + path))
                .timeout(Duration.ofSeconds(30))
                .build();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return http.send(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<InputStream> listen() throws IOException, InterruptedException {
        return http.send(request("/events"), HttpResponse.BodyHandlers.ofInputStream());
    }

    @Test
    void aNodeThatIsNotReadySaysWhyAndIsStillAlive() throws Exception {
        assertThat(get("/health/ready").statusCode()).isEqualTo(200);
        info = info.toBuilder()
                .setReady(false)
                .addReasons("the registry takes no writes: the disk is full")
                .build();

        HttpResponse<String> ready = get("/health/ready");

        assertThat(ready.statusCode()).isEqualTo(503);
        JsonNode body = new ObjectMapper().readTree(ready.body());
        assertThat(body.path("status").asText()).isEqualTo("down");
        assertThat(body.path("reasons").path(0).asText()).isEqualTo("the registry takes no writes: the disk is full");
        assertThat(get("/health/live").statusCode()).isEqualTo(200);
    }

    @Test
    void thePageMayLoadNothingFromElsewhere() throws Exception {
        HttpResponse<String> page = get("/");

        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.headers().firstValue("Content-Security-Policy"))
                .hasValueSatisfying(policy -> assertThat(policy)
                        .startsWith("default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'")
                        .doesNotContain("unsafe", "http:", "https:"));
        assertThat(get("/uplot.license").body()).contains("MIT");
    }

    @Test
    void aViewerIsToldWhatWasAndThenWhatIs() throws Exception {
        HttpResponse<InputStream> events = listen();
        StringBuilder told = new StringBuilder();
        byte[] buffer = new byte[8_192];
        while (!told.toString().contains("event: sample")) {
            int bytes = events.body().read(buffer);
            assertThat(bytes).as("the stream goes on after: %s", told).isPositive();
            told.append(new String(buffer, 0, bytes, "UTF-8"));
        }
        events.body().close();

        assertThat(events.headers().firstValue("Content-Type")).hasValue("text/event-stream");
        assertThat(told.toString()).startsWith("event: history\ndata: [").contains("\"nearCacheEntries\":7");
    }

    @Test
    void moreViewersThanTheNodeCaresForAreToldSoUntilOneGoes() throws Exception {
        List<HttpResponse<InputStream>> viewers = new ArrayList<>();
        for (int i = 0; i < MOST_VIEWERS; i++) {
            viewers.add(listen());
            assertThat(viewers.get(i).statusCode()).isEqualTo(200);
        }

        assertThat(get("/events").statusCode()).isEqualTo(503);

        viewers.get(0).body().close();
        Awaitility.await("a place is free").atMost(Duration.ofSeconds(30)).until(() -> {
            HttpResponse<InputStream> next = listen();
            viewers.add(next);
            return next.statusCode() == 200;
        });
        for (HttpResponse<InputStream> viewer : viewers) {
            viewer.body().close();
        }
    }
}
