package org.waymark.node.reports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Scheme;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.metrics.Face;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.record.RecordKey;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.AnswerSource;

class FiguresTest {

    private static final ZoneId SHANGHAI = ZoneId.of("Asia/Shanghai");
    private static final LocalDate DAY = LocalDate.of(2026, 11, 24);
    private static final RecordKey MAKER = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8");

    @TempDir
    private Path home;

    private Instant now = DAY.atTime(23, 59).atZone(SHANGHAI).toInstant();
    private NodeInfo info = NodeInfo.newBuilder()
            .setPrefix("88.118")
            .setReady(true)
            .setRedis("connected")
            .build();
    private NodeMetrics metrics = new NodeMetrics(new SimpleMeterRegistry());

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return SHANGHAI;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException("one zone will do");
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private Figures open() throws IOException {
        return new Figures(home, metrics, () -> info, Optional.empty(), SHANGHAI, clock);
    }

    /** Another run of the node, whose counters begin anew. */
    private Figures reopen() throws IOException {
        metrics = new NodeMetrics(new SimpleMeterRegistry());
        return open();
    }

    private void answer(String from, Outcome outcome, int count) {
        ConnectionMetrics connection = metrics.face(Face.PROTOBUF).connection(new InetSocketAddress(from, 1));
        connection.opened();
        for (int i = 0; i < count; i++) {
            connection.answered(outcome, AnswerSource.REGISTRY, false, MAKER, 2_000_000);
        }
        connection.closed();
    }

    private void later(Duration time) {
        now = now.plus(time);
    }

    private JsonNode day(LocalDate day) throws IOException {
        return Report.ofDay(new FigureStore(home), day).json();
    }

    @Test
    void eachDayHasItsOwnFigures() throws IOException {
        try (Figures figures = open()) {
            answer("10.0.0.1", Outcome.RECORD, 3);
            later(Duration.ofSeconds(1));
            figures.look();
            later(Duration.ofSeconds(59));
            answer("10.0.0.2", Outcome.NOT_FOUND, 2);
            figures.look();
            answer("10.0.0.2", Outcome.RECORD, 5);
            later(Duration.ofSeconds(1));
            figures.look();
        }

        assertThat(day(DAY).at("/queries/count").asInt()).isEqualTo(5);
        assertThat(day(DAY).at("/queries/successes").asInt()).isEqualTo(3);
        assertThat(day(DAY).at("/queries/peak/perSecond").asInt()).isEqualTo(3);
        assertThat(day(DAY).at("/queries/peak/at").asText()).isEqualTo("2026-11-24T23:59:01+08:00");
        assertThat(day(DAY).at("/sources/different").asInt()).isEqualTo(2);
        assertThat(day(DAY.plusDays(1)).at("/queries/count").asInt()).isEqualTo(5);
        assertThat(day(DAY.plusDays(1)).at("/sources/most/0/address").asText()).isEqualTo("10.0.0.2");
        JsonNode month =
                Report.ofMonth(new FigureStore(home), YearMonth.from(DAY)).json();
        assertThat(month.at("/queries/count").asInt()).isEqualTo(10);
        assertThat(month.at("/enterprises/0/prefix").asText()).isEqualTo("vaa:88.118.8");
        assertThat(month.at("/enterprises/0/queries/count").asInt()).isEqualTo(10);
        assertThat(month.at("/enterprises/0/resolveMillis/most").asDouble()).isEqualTo(2);
        assertThat(month.at("/service/availability").asDouble()).isEqualTo(1);
    }

    @Test
    void aNodeThatIsKilledLosesNoMoreThanAMinuteAndSaysThatItWas() throws IOException {
        now = DAY.atTime(12, 0).atZone(SHANGHAI).toInstant();
        Figures killed = open();
        answer("10.0.0.1", Outcome.RECORD, 3);
        later(Duration.ofSeconds(60));
        killed.look();
        answer("10.0.0.1", Outcome.RECORD, 100);
        later(Duration.ofSeconds(30));
        killed.look();

        later(Duration.ofSeconds(30));
        try (Figures figures = reopen()) {
            answer("10.0.0.1", Outcome.RECORD, 4);
            assertThat(figures.faults().recent(1)).singleElement().satisfies(fault -> {
                assertThat(fault.kind()).isEqualTo(FaultKind.SYSTEM.code());
                assertThat(fault.number()).isEqualTo("88.118-20261124-0001");
                assertThat(fault.recoveredAt() - fault.at()).isEqualTo(60_000);
            });
        }

        JsonNode day = day(DAY);
        assertThat(day.at("/queries/count").asInt()).isEqualTo(7);
        assertThat(day.at("/service/starts").asInt()).isEqualTo(2);
        assertThat(day.at("/service/availability").asDouble()).isEqualTo(0.5);
        assertThat(day.at("/sources/most/0/queries").asInt()).isEqualTo(7);
    }

    @Test
    void aNodeThatWasToldToEndHadNoFault() throws IOException {
        open().close();
        try (Figures figures = reopen()) {
            assertThat(figures.faults().recent(10)).isEmpty();
        }
    }

    @Test
    void faultsAreNumberedAndOverWhenTheyAreOver() throws IOException {
        now = DAY.atTime(12, 0).atZone(SHANGHAI).toInstant();
        try (Figures figures = open()) {
            figures.look();
            info = info.toBuilder().setRedis("away").build();
            figures.look();
            answer("10.0.0.1", Outcome.ERROR, 1);
            later(Duration.ofSeconds(5));
            figures.look();
            info = info.toBuilder().setRedis("connected").build();
            later(Duration.ofSeconds(5));
            figures.look();

            assertThat(figures.faults().recent(9))
                    .extracting(Fault::number, Fault::kind, fault -> fault.recoveredAt() > 0)
                    .containsExactly(tuple("88.118-20261124-0002", 2, false), tuple("88.118-20261124-0001", 1, true));
            later(Duration.ofSeconds(40));
            figures.look();
            assertThat(figures.faults().open()).isEmpty();
            assertThat(figures.today().answers()).isZero();
        }
        assertThat(day(DAY).at("/faults")).hasSize(2);
    }

    @Test
    void aFewMalformedRequestsAreNoAttackAndManyAre() throws IOException {
        try (Figures figures = open()) {
            for (int i = 0; i < FaultWatch.MALFORMED_BURST - 1; i++) {
                metrics.face(Face.HTTP).connection(null).malformed();
            }
            figures.look();
            assertThat(figures.faults().open()).isEmpty();
            metrics.face(Face.HTTP).connection(null).malformed();
            figures.look();
            assertThat(figures.faults().open()).extracting(Fault::kind).containsExactly(FaultKind.ATTACK.code());
        }
    }

    @Test
    void aTornLineOfTheFaultLogIsPassedOver() throws IOException {
        open();
        reopen();
        Path file = home.resolve("figures/faults-2026-11.jsonl");
        Files.writeString(file, "{\"number\":\"88.118-2026", StandardOpenOption.APPEND);

        assertThat(FaultLog.read(home.resolve("figures"), YearMonth.from(DAY))).hasSize(1);
    }

    @Test
    void theReportIsWrittenAsCsvToo() throws IOException {
        try (Figures figures = open()) {
            answer("10.0.0.1", Outcome.RECORD, 3);
            figures.look();
        }

        assertThat(Report.ofDay(new FigureStore(home), DAY).toCsv())
                .startsWith("subject,figure,value\r\nnode,report,daily\r\n")
                .contains("\r\nnode,queries.count,3\r\n")
                .contains("\r\nvaa:88.118.8,queries.count,3\r\n")
                .contains("\r\n10.0.0.1,queries,3\r\n");
    }

    @Test
    void aDayWithoutFiguresIsAnError() {
        assertThatThrownBy(() -> Report.ofDay(new FigureStore(home), DAY))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("there are no figures of 2026-11-24 in ");
    }
}
