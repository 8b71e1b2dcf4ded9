package org.waymark.node.reports;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import org.waymark.node.metrics.Latencies;
import org.waymark.node.metrics.LatencyHistogram;

/** What a node reports upward about a day or a month, from the figures that it keeps. Immutable. */
public final class Report {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final double NANOS_A_MILLI = 1e6;
    private static final int SOURCES = 100;

    private final ObjectNode document;

    private Report(ObjectNode document) {
        this.document = document;
    }

    /**
     * The report about a day.
     *
     * @throws IOException if there are no figures of it, or they can't be read
     */
    public static Report ofDay(FigureStore store, LocalDate day) throws IOException {
        DayFigures figures = store.read(day)
                .orElseThrow(() -> new IOException("there are no figures of " + day + " in " + store.directory()));
        List<Fault> faults = FaultLog.read(store.directory(), YearMonth.from(day)).stream()
                .filter(fault -> Instant.ofEpochMilli(fault.at())
                        .atZone(ZoneId.of(figures.zone))
                        .toLocalDate()
                        .equals(day))
                .toList();
        return new Report(document("daily", day.toString(), figures, faults));
    }

    /**
     * The report about a month.
     *
     * @throws IOException if there are no figures of it, or they can't be read
     */
    public static Report ofMonth(FigureStore store, YearMonth month) throws IOException {
        List<DayFigures> days = store.month(month);
        if (days.isEmpty()) {
            throw new IOException("there are no figures of " + month + " in " + store.directory());
        }
        DayFigures first = days.get(0);
        DayFigures all = new DayFigures();
        all.firstAt = first.firstAt;
        all.zone = first.zone;
        days.forEach(all::add);
        return new Report(document("monthly", month.toString(), all, FaultLog.read(store.directory(), month)));
    }

    private static ObjectNode document(String kind, String period, DayFigures figures, List<Fault> faults) {
        ZoneId zone = ZoneId.of(figures.zone);
        ObjectNode root = JSON.createObjectNode()
                .put("report", kind)
                .put("period", period)
                .put("timeZone", figures.zone)
                .put("node", figures.node)
                .put("from", time(figures.firstAt, zone))
                .put("until", time(figures.lastAt, zone));
        long elapsed = figures.lastAt - figures.firstAt;
        ServiceLevel level = new ServiceLevel(figures.answered(), figures.failed(), figures.readyMillis, elapsed);
        root.putObject("service")
                .put("answeredShare", level.answers())
                .put("availability", level.availability())
                .put("upSeconds", figures.upMillis / 1_000)
                .put("readySeconds", figures.readyMillis / 1_000)
                .put("elapsedSeconds", elapsed / 1_000)
                .put("starts", figures.starts);
        if (figures.sequence >= 0) {
            root.putObject("registrations").put("new", figures.recordsNew).put("total", figures.recordsTotal);
            root.putObject("prefixes").put("new", figures.prefixesNew).put("total", figures.prefixesTotal);
        }
        counts(root.putObject("offered"), figures.registrations);
        ObjectNode queries =
                root.putObject("queries").put("count", figures.answered()).put("successes", figures.succeeded());
        counts(queries.putObject("byOutcome"), figures.answersByOutcome);
        counts(queries.putObject("byFace"), figures.answersByFace);
        counts(queries.putObject("bySource"), figures.answersBySource);
        queries.putObject("peak")
                .put("perSecond", figures.peakQueries)
                .put("at", figures.peakQueries == 0 ? "" : time(figures.peakAt, zone));
        latencies(root.putObject("resolveMillis"), figures.resolving.latencies());
        latencies(root.putObject("registerMillis"), figures.registering.latencies());
        latencies(root.putObject("effectMillis"), figures.effect.latencies());
        ObjectNode sources = root.putObject("sources").put("different", figures.differentSources());
        ArrayNode top = sources.putArray("most");
        figures.sources.stream()
                .limit(SOURCES)
                .forEach(source -> top.addObject()
                        .put("address", source.address())
                        .put("queries", source.count())
                        .put("atMostTooMany", source.error()));
        ArrayNode events = root.putArray("faults");
        for (Fault fault : faults) {
            events.addObject()
                    .put("number", fault.number())
                    .put("at", time(fault.at(), zone))
                    .put("kind", fault.kind())
                    .put("cause", fault.cause())
                    .put("recoveredAt", fault.recoveredAt() == 0 ? "" : time(fault.recoveredAt(), zone));
        }
        ArrayNode enterprises = root.putArray("enterprises");
        figures.enterprises.forEach((prefix, enterprise) -> enterprises.add(enterprise(prefix, enterprise, zone)));
        return root;
    }

    private static ObjectNode enterprise(String prefix, EnterpriseFigures figures, ZoneId zone) {
        ObjectNode node = JSON.createObjectNode().put("prefix", prefix);
        node.putObject("registrations").put("new", figures.recordsNew).put("total", figures.recordsTotal);
        node.putObject("prefixes").put("new", figures.prefixesNew).put("total", figures.prefixesTotal);
        ObjectNode queries =
                node.putObject("queries").put("count", figures.queries).put("successes", figures.successes);
        queries.putObject("peak")
                .put("perSecond", figures.peakQueries)
                .put("at", figures.peakQueries == 0 ? "" : time(figures.peakAt, zone));
        node.putObject("resolveMillis")
                .put("mean", figures.queries == 0 ? 0 : figures.nanos / NANOS_A_MILLI / figures.queries)
                .put("least", Math.max(0, figures.leastNanos) / NANOS_A_MILLI)
                .put("most", Math.max(0, figures.mostNanos) / NANOS_A_MILLI);
        return node;
    }

    private static void counts(ObjectNode node, Map<String, Long> counts) {
        counts.forEach((name, count) -> node.put(name, count));
    }

    private static void latencies(ObjectNode node, Latencies latencies) {
        node.put("count", latencies.count())
                .put("mean", latencies.meanNanos() / NANOS_A_MILLI)
                .put("least", latencies.leastNanos() / NANOS_A_MILLI)
                .put("most", latencies.percentileNanos(1) / NANOS_A_MILLI)
                .put("p50", latencies.percentileNanos(0.5) / NANOS_A_MILLI)
                .put("p95", latencies.percentileNanos(0.95) / NANOS_A_MILLI)
                .put("p99", latencies.percentileNanos(0.99) / NANOS_A_MILLI)
                .put("error", 1.0 / LatencyHistogram.PER_OCTAVE);
    }

    private static String time(long at, ZoneId zone) {
        return DateTimeFormatter.ISO_OFFSET_DATE_TIME.format(
                Instant.ofEpochMilli(at).atZone(zone));
    }

    /** The report as a JSON object. */
    public JsonNode json() {
        return document.deepCopy();
    }

    /** The report as indented JSON. */
    public String toJson() throws IOException {
        return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(document);
    }

    /**
     * The report as CSV (RFC 4180) with the columns {@code subject,figure,value}: the subject is {@code node}, an enterprise's prefix,
     * the address of a source, or the number of a fault.
     */
    public String toCsv() {
        StringBuilder csv = new StringBuilder("subject,figure,value\r\n");
        rows(csv, "node", "", document);
        document.path("sources")
                .path("most")
                .forEach(source -> rows(csv, source.path("address").asText(), "", source));
        document.path("faults").forEach(fault -> rows(csv, fault.path("number").asText(), "", fault));
        document.path("enterprises")
                .forEach(enterprise -> rows(csv, enterprise.path("prefix").asText(), "", enterprise));
        return csv.toString();
    }

    private static void rows(StringBuilder csv, String subject, String path, JsonNode node) {
        node.properties().forEach(field -> {
            String figure = path.isEmpty() ? field.getKey() : path + "." + field.getKey();
            if (field.getValue().isObject()) {
                rows(csv, subject, figure, field.getValue());
            } else if (!field.getValue().isArray()) {
                csv.append(cell(subject))
                        .append(',')
                        .append(cell(figure))
                        .append(',')
                        .append(cell(field.getValue().asText()))
                        .append("\r\n");
            }
        });
    }

    private static String cell(String text) {
        return text.matches("[^\",\r\n]*") ? text : '"' + text.replace("\"", "\"\"") + '"';
    }
}
