package org.waymark.node.reports;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.ByteString;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.node.TestParties;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Suite;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.RegisterResult;

class RecordCounterTest {

    @TempDir
    private Path home;

    /** Whose day has its noon now: the test does not want to run over midnight. */
    private final ZoneId zone =
            ZoneOffset.ofHours(12 - Instant.now().atZone(ZoneOffset.UTC).getHour());

    private final TestParties parties = new TestParties(Suite.ED25519);
    private RocksRegistry registry;
    private PrefixTable prefixes;
    private Registrar registrar;

    @BeforeEach
    void open() {
        registry = RocksRegistry.open(home.resolve("registry"), RocksOptions.defaults());
        prefixes = new PrefixTable(registry);
        registrar = new Registrar(registry, prefixes, parties.anchors(), Clock.systemUTC());
    }

    @AfterEach
    void close() {
        registry.close();
    }

    private Figures figures() throws IOException {
        return new Figures(
                home,
                new NodeMetrics(new SimpleMeterRegistry()),
                () -> NodeInfo.newBuilder().setPrefix("88.118").setReady(true).build(),
                Optional.of(new RecordCounter(registry, prefixes)),
                zone,
                Clock.systemUTC());
    }

    private void register(Stream<IdentifierRecord> records) throws InterruptedException {
        List<ByteString> encoded = records.map(IdentifierRecord::encoded).toList();
        assertThat(registrar.register(encoded)).allMatch(result -> result.getCode() == RegisterResult.Code.CREATED);
    }

    private void registerItems(String... suffixes) throws InterruptedException {
        register(Stream.of(suffixes).map(suffix -> parties.maker.sign(parties.maker.itemDraft(suffix))));
    }

    private JsonNode report() throws IOException {
        return Report.ofDay(new FigureStore(home), LocalDate.now(zone)).json();
    }

    @Test
    void recordsAreCountedOnceThoughTheNodeIsKilled() throws Exception {
        Figures killed = figures();
        register(parties.prefixRecords().stream());
        registerItems("a", "b", "c");
        killed.look();
        registerItems("d");

        try (Figures figures = figures()) {
            registerItems("e");
            figures.look();
            assertThat(figures.held()).hasValue(new Figures.Held(5, 3));
        }

        JsonNode report = report();
        assertThat(report.at("/registrations/new").asInt()).isEqualTo(5);
        assertThat(report.at("/registrations/total").asInt()).isEqualTo(5);
        assertThat(report.at("/prefixes/new").asInt()).isEqualTo(3);
        assertThat(report.at("/enterprises"))
                .anySatisfy(enterprise -> {
                    assertThat(enterprise.at("/prefix").asText()).isEqualTo("vaa:88.118.8");
                    assertThat(enterprise.at("/registrations/new").asInt()).isEqualTo(5);
                })
                .anySatisfy(enterprise -> {
                    assertThat(enterprise.at("/prefix").asText()).isEqualTo("vaa:88.118");
                    assertThat(enterprise.at("/prefixes/new").asInt()).isEqualTo(2);
                });
    }

    @Test
    void whatWasThereBeforeAnybodyCountedIsNewOnNoDay() throws Exception {
        register(parties.prefixRecords().stream());
        registerItems("a", "b", "c");

        try (Figures figures = figures()) {
            registerItems("d");
            figures.look();
        }

        assertThat(report().at("/registrations/new").asInt()).isEqualTo(1);
        assertThat(report().at("/registrations/total").asInt()).isEqualTo(4);
        assertThat(report().at("/prefixes/new").asInt()).isZero();
    }
}
