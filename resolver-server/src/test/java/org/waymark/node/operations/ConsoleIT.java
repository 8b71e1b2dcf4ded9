package org.waymark.node.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeClientOptions;
import org.waymark.client.RawAnswer;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.node.Node;
import org.waymark.node.NodeConfigLoader;
import org.waymark.node.NodeSetup;
import org.waymark.node.cli.NodeCommand;
import org.waymark.node.metrics.LatencyHistogram;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;

/**
 * A load of known size, and what the console, the metrics and the report say of it.
 *
 * <p>Screenshots go to {@code target/}. With {@code -Dwaymark.console.update=true} the load lasts some minutes, and the first
 * screenshot also becomes {@code ops/console.png}.
 */
class ConsoleIT {

    private static final boolean UPDATE = Boolean.getBoolean("waymark.console.update");
    private static final int ROUNDS = UPDATE ? 1_500 : 40;
    private static final int PARTS = 40;
    private static final int OVER_HTTP = 50;
    private static final List<String> MAKERS =
            List.of("88.118.8", "88.118.21", "88.118.36", "88.118.104", "88.118.52", "88.118.77");
    private static final String TAB = "\uE004";
    private static final String ENTER = "\uE007";
    private static final int WIDTH = 1_440;

    @TempDir
    private Path home;

    /** Whose day has its noon now: the test does not want to run over midnight. */
    private final ZoneId zone =
            ZoneOffset.ofHours(12 - Instant.now().atZone(ZoneOffset.UTC).getHour());

    private final Random random = new Random(7);
    private final Map<Outcome, Long> expected = new EnumMap<>(Outcome.class);
    private final Map<String, Long> expectedByMaker = new TreeMap<>();
    private final List<Long> clientNanos = new ArrayList<>();
    private NodeSetup.Result setup;
    private Node node;
    private NodeClient client;
    private int registered;
    private boolean closed;

    @BeforeEach
    void start() throws Exception {
        setup = new NodeSetup(Clock.systemUTC())
                .init(home.resolve("node"), Prefix.parse("88.118"), Suite.ED25519, "Console");
        node = Node.start(
                NodeConfigLoader.load(
                                Optional.of(setup.config()),
                                Map.of(),
                                List.of(
                                        "protobuf.port=0",
                                        "http.port=0",
                                        "operations.port=0",
                                        "operations.timeZone=" + zone))
                        .config(),
                new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        client = NodeClient.create(NodeClientOptions.builder()
                .node("127.0.0.1", node.address().getPort())
                .build());
    }

    @AfterEach
    void stop() {
        client.close();
        if (!closed) {
            node.close();
        }
    }

    private URI page(String path) {
        return URI.create("http://127.0.0.1:" + node.operationsAddress().getPort() + path);
    }

    private void register() throws Exception {
        RegistryClient registry = new RegistryClient(client);
        SigningKey delegate = KeyFile.readPrivate(setup.delegateKey());
        for (String maker : MAKERS) {
            SigningKey key = SigningKey.generate(Suite.ED25519);
            RecordDraft.Builder delegation = RecordDraft.prefix(Prefix.parse(maker), Prefix.parse("88.118"))
                    .expiresAt(System.currentTimeMillis() + Duration.ofDays(1).toMillis());
            PrefixRecord.describe(
                    delegation,
                    PrefixDescription.newBuilder().setName(maker).build(),
                    List.of(PartyKey.active(key.verifyingKey(), Set.of(KeyRole.DELEGATE, KeyRole.RECORDS))),
                    List.of());
            List<IdentifierRecord> records = new ArrayList<>();
            records.add(new RecordSigner(delegate).sign(delegation.build()));
            for (int i = 0; i < PARTS; i++) {
                records.add(new RecordSigner(key)
                        .sign(RecordDraft.item(Identifier.parse(Scheme.VAA, maker + "/P" + i), Prefix.parse(maker))
                                .build()));
            }
            assertThat(registry.register(records).get(1, TimeUnit.MINUTES)).allMatch(result -> result.isStored());
            registered += records.size();
        }
    }

    private void load() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            List<RecordKey> keys = new ArrayList<>();
            int swing = UPDATE ? (int) (160 + 90 * Math.sin(round / 90.0) + random.nextInt(40)) : 100;
            for (int i = 0; i < swing; i++) {
                int maker = (int) Math.min(MAKERS.size() - 1, Math.abs(random.nextGaussian()) * 1.6);
                boolean isThere = random.nextInt(12) > 0;
                String text = MAKERS.get(maker) + (isThere ? "/P" + random.nextInt(PARTS) : "/NONE");
                keys.add(RecordKey.of(RecordKind.ITEM, Scheme.VAA, text));
                expected.merge(isThere ? Outcome.RECORD : Outcome.NOT_FOUND, 1L, Long::sum);
                expectedByMaker.merge("vaa:" + MAKERS.get(maker), 1L, Long::sum);
            }
            if (round % 7 == 0) {
                keys.add(RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.999.1/x"));
                expected.merge(Outcome.NOT_RESPONSIBLE, 1L, Long::sum);
            }
            long since = System.nanoTime();
            List<RawAnswer> answers =
                    client.resolveMany(keys, false, Set.of(), List.of()).get(1, TimeUnit.MINUTES);
            clientNanos.add(System.nanoTime() - since);
            assertThat(answers).hasSize(keys.size());
            if (UPDATE) {
                TimeUnit.MILLISECONDS.sleep(100);
            }
        }
    }

    private void loadOverHttp() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        String address = "http://127.0.0.1:" + node.httpAddress().orElseThrow().getPort() + "/" + MAKERS.get(0) + "/P";
        for (int i = 0; i < OVER_HTTP; i++) {
            HttpResponse<Void> response = http.send(
                    HttpRequest.newBuilder(URI.create(address + i % PARTS))
                            .header("Accept", "application/json")
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
            assertThat(response.statusCode()).isEqualTo(200);
            expected.merge(Outcome.RECORD, 1L, Long::sum);
            expectedByMaker.merge("vaa:" + MAKERS.get(0), 1L, Long::sum);
        }
    }

    private long total() {
        return expected.values().stream().mapToLong(Long::longValue).sum();
    }

    @Test
    void pageMetricsAndReportSayWhatTheLoadWas() throws Exception {
        try (Browser browser = new Browser(WIDTH, 1_000, "en-US")) {
            browser.open(page("/?lang=en&theme=light"));
            register();
            load();
            loadOverHttp();

            Awaitility.await("the page shows all answers")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> browser.run("return +document.getElementById('answers').dataset.value")
                                    .asLong()
                            == total());
            assertThat(browser.run("return +document.getElementById('registrations').dataset.value")
                            .asInt())
                    .isEqualTo(registered);
            JsonNode rows = browser.run("return Object.fromEntries([...document.querySelectorAll("
                    + "'#totals tbody tr')].map(r => [r.dataset.outcome, +r.dataset.value]))");
            expected.forEach((outcome, count) ->
                    assertThat(rows.path(outcome.name()).asLong()).isEqualTo(count));
            assertThat(rows).hasSize(expected.size());
            double p50 = browser.run("return +document.getElementById('totals-latency').dataset.p50")
                    .asDouble();
            double p99 = browser.run("return +document.getElementById('totals-latency').dataset.p99")
                    .asDouble();
            photograph(browser);

            String metrics = get("/metrics");
            expected.forEach((outcome, count) -> assertThat(
                            sum(metrics, "waymark_resolutions_total", "outcome=\"" + outcome + "\""))
                    .isEqualTo(count));
            assertThat(sum(metrics, "waymark_resolutions_total", "face=\"http\""))
                    .isEqualTo(OVER_HTTP);
            assertThat(sum(metrics, "waymark_registrations_total", "result=\"CREATED\""))
                    .isEqualTo(registered);
            assertThat(sum(metrics, "waymark_resolution_seconds_count", "")).isEqualTo(total());
            assertThat(p50).isPositive().isLessThanOrEqualTo(p99);
            assertBucketsAgree(metrics, 0.5, p50);
            assertBucketsAgree(metrics, 0.99, p99);
            assertThat(p50)
                    .isLessThanOrEqualTo(percentile(clientNanos, 0.5) / 1e6 * (1 + 1.0 / LatencyHistogram.PER_OCTAVE));

            node.close();
            closed = true;
            JsonNode day = report("--day", LocalDate.now(zone));
            JsonNode month = report("--month", YearMonth.now(zone));
            for (JsonNode report : List.of(day, month)) {
                assertThat(report.path("queries").path("count").asLong()).isEqualTo(total());
                expected.forEach((outcome, count) -> assertThat(report.path("queries")
                                .path("byOutcome")
                                .path(outcome.name())
                                .asLong())
                        .isEqualTo(count));
                assertThat(report.path("queries").path("successes").asLong()).isEqualTo(expected.get(Outcome.RECORD));
                assertThat(report.path("registrations").path("new").asInt()).isEqualTo(MAKERS.size() * PARTS);
                assertThat(report.path("prefixes").path("new").asInt()).isEqualTo(MAKERS.size());
                assertThat(report.path("prefixes").path("total").asInt()).isEqualTo(MAKERS.size() + 1);
                assertThat(report.path("resolveMillis").path("p50").asDouble()).isEqualTo(p50, within(1e-9));
                assertThat(report.path("resolveMillis").path("p99").asDouble()).isEqualTo(p99, within(1e-9));
                assertThat(report.path("sources").path("different").asInt()).isEqualTo(1);
                assertThat(report.path("sources")
                                .path("most")
                                .path(0)
                                .path("queries")
                                .asLong())
                        .isEqualTo(total());
                assertThat(report.path("service").path("answeredShare").asDouble())
                        .isEqualTo(1);
                expectedByMaker.forEach((maker, count) -> {
                    JsonNode enterprise = enterprise(report, maker);
                    assertThat(enterprise.path("queries").path("count").asLong())
                            .isEqualTo(count);
                    assertThat(enterprise.path("registrations").path("new").asInt())
                            .isEqualTo(PARTS);
                });
            }
        }
    }

    private JsonNode report(String option, Object period) throws IOException {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        int exitCode = NodeCommand.run(
                new PrintWriter(out),
                new PrintWriter(err),
                Map.of(),
                "report",
                "--config",
                setup.config().toString(),
                option,
                period.toString());
        assertThat(exitCode).as(err.toString()).isZero();
        return new ObjectMapper().readTree(out.toString());
    }

    private static JsonNode enterprise(JsonNode report, String prefix) {
        for (JsonNode enterprise : report.path("enterprises")) {
            if (enterprise.path("prefix").asText().equals(prefix)) {
                return enterprise;
            }
        }
        throw new AssertionError(prefix + " is not in " + report.path("enterprises"));
    }

    private String get(String path) throws IOException, InterruptedException {
        HttpResponse<String> response = HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(page(path)).build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(200);
        return response.body();
    }

    /** All samples of this metric whose labels hold a text, together. */
    private static long sum(String metrics, String name, String label) {
        return metrics.lines()
                .filter(line -> line.startsWith(name + "{") && line.contains(label))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Prometheus' buckets are coarser: the percentile that the page shows lies in the one that holds that share. */
    private void assertBucketsAgree(String metrics, double share, double millis) {
        Pattern bucket = Pattern.compile("waymark_resolution_seconds_bucket\\{face=\"[a-z]+\",le=\"([^\"]+)\"} (\\d+)");
        TreeMap<Double, Long> below = new TreeMap<>();
        for (Matcher matcher = bucket.matcher(metrics); matcher.find(); ) {
            double limit = matcher.group(1).equals("+Inf") ? Double.MAX_VALUE : Double.parseDouble(matcher.group(1));
            below.merge(limit, Long.parseLong(matcher.group(2)), Long::sum);
        }
        long wanted = (long) Math.ceil(share * total());
        double seconds = millis / 1_000;
        assertThat(below.ceilingEntry(seconds * (1 - 1e-9)).getValue()).isGreaterThanOrEqualTo(wanted);
        Map.Entry<Double, Long> lower = below.lowerEntry(seconds * (1 - 1e-9));
        assertThat(lower == null ? 0 : lower.getValue()).isLessThan(wanted);
    }

    private static double percentile(List<Long> values, double share) {
        List<Long> sorted = values.stream().sorted().toList();
        return sorted.get((int) Math.min(sorted.size() - 1, Math.ceil(share * sorted.size())));
    }

    private void photograph(Browser browser) throws Exception {
        Path target = Files.createDirectories(Path.of("target"));
        for (String look : List.of("en&theme=light", "zh&theme=dark")) {
            browser.resize(WIDTH, 1_000);
            browser.open(page("/?lang=" + look));
            photograph(browser, target.resolve("console-" + look.replace("&theme=", "-") + ".png"));
        }
        browser.resize(500, 900);
        browser.open(page("/?lang=zh&theme=light"));
        photograph(browser, target.resolve("console-phone.png"));
        if (UPDATE) {
            Files.copy(
                    target.resolve("console-en-light.png"),
                    Path.of("../ops/console.png"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static void photograph(Browser browser, Path file) throws Exception {
        Awaitility.await("the page is filled")
                .atMost(Duration.ofSeconds(30))
                .until(() -> browser.run("return document.querySelectorAll('#totals tbody tr').length > 0"
                                + " && document.querySelectorAll('figure canvas').length === 5")
                        .asBoolean());
        int width = browser.run("return innerWidth").asInt();
        int height = browser.run("return document.documentElement.scrollHeight").asInt();
        assertThat(browser.run("return document.documentElement.scrollWidth <= innerWidth")
                        .asBoolean())
                .as("nothing sticks out to the side at a width of %s", width)
                .isTrue();
        browser.resize(width, height + 160);
        Files.write(file, browser.screenshot());
        assertThat(file).isNotEmptyFile();
    }

    @Test
    void thePageComesFromTheNodeAloneAndIsReachedByKeyboard() throws Exception {
        try (Browser browser = new Browser(WIDTH, 1_000, "zh-CN")) {
            browser.open(page("/"));
            Awaitility.await("the page speaks the browser's language")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> browser.run("return document.documentElement.lang")
                            .asText()
                            .equals("zh-CN"));
            Awaitility.await("the node is shown to be ready")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> browser.run("return document.getElementById('status-text').textContent")
                            .asText()
                            .equals("就绪"));
            JsonNode loaded = browser.run("return performance.getEntriesByType('resource').map(r => r.name)");
            assertThat(loaded)
                    .isNotEmpty()
                    .allMatch(url -> url.asText().startsWith(page("/").toString())
                            || url.asText().startsWith("data:"));
            assertThat(browser.run("const inks = [...document.querySelectorAll('[data-t]')];"
                                    + " return inks.every(e => e.textContent.length > 0)")
                            .asBoolean())
                    .isTrue();

            List<String> reached = new ArrayList<>();
            for (int i : IntStream.range(0, 12).toArray()) {
                browser.press(TAB);
                reached.add(browser.run("return document.activeElement.id || document.activeElement.dataset.minutes"
                                + " || document.activeElement.className || '" + i + "'")
                        .asText());
            }
            assertThat(reached).contains("skip", "language", "theme", "1", "5", "10", "pause");
            browser.run("document.getElementById('language').focus()");
            browser.press(ENTER);
            assertThat(browser.run("return document.documentElement.lang").asText())
                    .isEqualTo("en");
        }
    }

    @Test
    void theMetricsComeInTheFormThatIsAskedFor() throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        HttpResponse<String> plain =
                http.send(HttpRequest.newBuilder(page("/metrics")).build(), HttpResponse.BodyHandlers.ofString());
        HttpResponse<String> open = http.send(
                HttpRequest.newBuilder(page("/metrics"))
                        .header("Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
                        .build(),
                HttpResponse.BodyHandlers.ofString());

        assertThat(plain.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain"));
        assertThat(open.headers().firstValue("Content-Type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("application/openmetrics-text"));
        assertThat(open.body()).endsWith("# EOF\n");
        assertThat(plain.body()).contains("waymark_ready 1.0").contains("jvm_memory_used_bytes");
    }
}
