package org.waymark.node.operations;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Prefix;
import org.waymark.node.Node;
import org.waymark.node.NodeConfigLoader;
import org.waymark.node.NodeSetup;
import org.waymark.ops.redis.RedisServer;
import org.waymark.ops.redis.RedisSource;
import org.waymark.trust.Suite;

/** What is in {@code ops/monitoring} against a node. */
class MonitoringIT {

    private static final Path MONITORING = Path.of("../ops/monitoring");
    private static final Pattern METRIC = Pattern.compile("\\b(?:waymark|jvm|process|system|disk)_[a-z0-9_]+");

    @TempDir
    private Path home;

    private Set<String> exposed() throws Exception {
        NodeSetup.Result setup = new NodeSetup(Clock.systemUTC())
                .init(home.resolve("node"), Prefix.parse("88.118"), Suite.ED25519, "Monitoring");
        try (RedisServer redis = RedisSource.ownProcess();
                Node node = Node.start(
                        NodeConfigLoader.load(
                                        Optional.of(setup.config()),
                                        Map.of(),
                                        List.of(
                                                "protobuf.port=0",
                                                "http.port=0",
                                                "operations.port=0",
                                                "redis.uri=" + redis.uri()))
                                .config(),
                        new PrometheusMeterRegistry(PrometheusConfig.DEFAULT))) {
            HttpResponse<String> metrics = HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:"
                                            + node.operationsAddress().getPort() + "/metrics"))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
            return metrics.body()
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(line -> line.split("[{ ]", 2)[0])
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    private static Set<String> named(Stream<String> expressions) {
        return expressions
                .flatMap(expression -> METRIC.matcher(expression).results())
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyMetricOfTheDashboardAndTheAlertsIsThereFromTheStart() throws Exception {
        JsonNode dashboard = new ObjectMapper()
                .readTree(MONITORING.resolve("grafana/dashboards/waymark.json").toFile());
        Set<String> inDashboard = named(dashboard.findValuesAsText("expr").stream());
        JsonNode alerts =
                new YAMLMapper().readTree(MONITORING.resolve("alerts.yaml").toFile());
        Set<String> inAlerts = named(alerts.findValuesAsText("expr").stream());
        assertThat(inDashboard).hasSizeGreaterThan(20);
        assertThat(inAlerts).hasSizeGreaterThan(10);

        Set<String> exposed = exposed();

        assertThat(exposed).containsAll(inDashboard).containsAll(inAlerts);
    }

    @Test
    void theGuideSaysWhatToDoAboutEachAlert() throws IOException {
        JsonNode alerts =
                new YAMLMapper().readTree(MONITORING.resolve("alerts.yaml").toFile());
        String guide = Files.readString(Path.of("../ops/README.md"));

        assertThat(alerts.findValuesAsText("alert"))
                .isNotEmpty()
                .allSatisfy(alert -> assertThat(guide).contains("`" + alert + "`"));
    }

    @Test
    void theRulesPassTheirOwnTests() throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(directory -> Files.isExecutable(Path.of(directory, "promtool"))),
                "needs promtool, which comes with Prometheus");
        for (List<String> command : List.of(
                List.of("promtool", "check", "config", "prometheus.yaml"),
                List.of("promtool", "test", "rules", "alerts_test.yaml"))) {
            Process promtool = new ProcessBuilder(command)
                    .directory(MONITORING.toFile())
                    .redirectErrorStream(true)
                    .start();
            String output = new String(promtool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(promtool.waitFor(1, TimeUnit.MINUTES)).isTrue();
            assertThat(promtool.exitValue()).as(output).isZero();
        }
    }
}
