package org.waymark.node.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Scheme;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

class NodeMetricsTest {

    private static final InetSocketAddress HERE = new InetSocketAddress("127.0.0.1", 4_711);

    private final PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final NodeMetrics metrics = new NodeMetrics(meters);
    private final ConnectionMetrics connection = metrics.face(Face.PROTOBUF).connection(HERE);

    private static RecordKey prefix(int number) {
        return RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118." + number);
    }

    @Test
    void readyAnswersAreCountedTogetherAndOneByOneAlike() {
        connection.ready(Outcome.RECORD, prefix(1));
        connection.ready(Outcome.RECORD, prefix(2));
        connection.ready(Outcome.NOT_FOUND, prefix(2));
        connection.ready(Outcome.RECORD, prefix(2));
        connection.readyDone(5_000);
        connection.answered(Outcome.RECORD, AnswerSource.REDIS, false, prefix(1), 9_000);
        connection.answered(Outcome.INVALID_IDENTIFIER, AnswerSource.NONE, false, null, 100);

        Totals totals = metrics.totals();
        assertThat(totals.answered()).isEqualTo(6);
        assertThat(totals.answered(Outcome.RECORD)).isEqualTo(4);
        assertThat(totals.answered(AnswerSource.NEAR_CACHE)).isEqualTo(4);
        assertThat(totals.latencies().count()).isEqualTo(6);
        assertThat(totals.latencies().nanos()).isEqualTo(4 * 5_000 + 9_000 + 100);
        assertThat(metrics.readyAnswers()).isEqualTo(4);
        assertThat(metrics.owners().get(prefix(1))).isEqualTo(new OwnerTotals(2, 2, 14_000, 5_000, 9_000));
        assertThat(metrics.owners().get(prefix(2))).isEqualTo(new OwnerTotals(3, 2, 15_000, 5_000, 5_000));
    }

    @Test
    void aNewWindowForgetsTheShortestAndTheLongest() {
        connection.answered(Outcome.RECORD, AnswerSource.REDIS, false, prefix(1), 9_000);

        metrics.beginWindow();

        assertThat(metrics.owners().get(prefix(1))).isEqualTo(new OwnerTotals(1, 1, 9_000, -1, -1));
        connection.answered(Outcome.RECORD, AnswerSource.REDIS, false, prefix(1), 2_000);
        assertThat(metrics.owners().get(prefix(1))).isEqualTo(new OwnerTotals(2, 2, 11_000, 2_000, 2_000));
    }

    @Test
    void ownersBeyondTheRoomAreCountedTogether() {
        int more = 10;
        for (int i = 0; i < OwnerTally.MOST_OWNERS + more; i++) {
            connection.ready(Outcome.RECORD, prefix(i));
        }
        connection.readyDone(1);

        assertThat(metrics.owners()).hasSize(OwnerTally.MOST_OWNERS + 1);
        assertThat(metrics.owners().get(null).answers()).isEqualTo(more);
    }

    @Test
    void nothingIsLostWhereManyThreadsCount() throws InterruptedException {
        int threads = 4;
        int each = 20_000;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        for (int i = 0; i < threads; i++) {
            pool.execute(() -> {
                ConnectionMetrics own = metrics.face(Face.HTTP).connection(HERE);
                own.opened();
                for (int n = 0; n < each; n++) {
                    own.answered(Outcome.RECORD, AnswerSource.REGISTRY, false, prefix(n % 100), 1_000 + n);
                }
                own.closed();
            });
        }
        pool.shutdown();
        assertThat(pool.awaitTermination(30, TimeUnit.SECONDS)).isTrue();

        assertThat(metrics.totals().answered()).isEqualTo(threads * each);
        assertThat(metrics.owners().values().stream()
                        .mapToLong(OwnerTotals::answers)
                        .sum())
                .isEqualTo(threads * each);
        Map<String, Long> sources = new HashMap<>();
        metrics.drainSources((source, count) -> sources.merge(source, count, Long::sum));
        assertThat(sources).containsEntry("127.0.0.1", (long) threads * each);
    }

    @Test
    void sourcesOfOpenConnectionsAreToldOnce() {
        connection.opened();
        connection.answered(Outcome.RECORD, AnswerSource.REDIS, false, prefix(1), 1);
        Map<String, Long> sources = new HashMap<>();

        metrics.drainSources((source, count) -> sources.merge(source, count, Long::sum));
        metrics.drainSources((source, count) -> sources.merge(source, count, Long::sum));

        assertThat(sources).containsExactly(Map.entry("127.0.0.1", 1L));
        connection.closed();
        assertThat(metrics.totals().connections()).isZero();
    }

    @Test
    void prometheusSeesTheNamesOfTheField() {
        connection.opened();
        connection.answered(Outcome.RECORD, AnswerSource.NEAR_CACHE, true, prefix(1), 3_000);
        connection.registered(RegisterResult.Code.CREATED);
        connection.registrationTook(2_000_000, 1);

        String scraped = meters.scrape();

        assertThat(scraped)
                .contains("waymark_resolutions_total{face=\"protobuf\",outcome=\"RECORD\",source=\"NEAR_CACHE\"} 1.0")
                .contains("waymark_resolutions_stale_total{face=\"protobuf\"} 1.0")
                .contains("waymark_resolution_seconds_bucket{face=\"protobuf\",le=\"2.048E-6\"} 0")
                .contains("waymark_resolution_seconds_bucket{face=\"protobuf\",le=\"4.096E-6\"} 1")
                .contains("waymark_resolution_seconds_count{face=\"protobuf\"} 1")
                .contains("waymark_registrations_total{face=\"protobuf\",result=\"CREATED\"} 1.0")
                .contains("waymark_registration_seconds_sum{face=\"protobuf\"} 0.002")
                .contains("waymark_connections{face=\"protobuf\"} 1.0");
    }
}
