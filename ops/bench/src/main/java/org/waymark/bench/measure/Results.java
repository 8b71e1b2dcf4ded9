package org.waymark.bench.measure;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;

/**
 * What a run printed.
 *
 * @param command that makes such a run
 * @param date of the run, ISO 8601
 * @param facts what else one has to know, such as versions: text by name, in their order
 */
public record Results(
        String command,
        String date,
        Machine machine,
        Map<String, String> facts,
        List<Row> rows,
        List<Figure> figures,
        List<Missing> missing,
        List<Latency> latencies) {

    private static final ObjectMapper JSON = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

    /** Writes {@code RESULTS.md} and {@code results.json}. */
    public void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        Files.writeString(directory.resolve("RESULTS.md"), markdown());
        Files.writeString(directory.resolve("results.json"), JSON.writeValueAsString(json()) + "\n");
    }

    ObjectNode json() {
        ObjectNode root = JSON.createObjectNode();
        root.put("command", command).put("date", date);
        root.set("machine", JSON.valueToTree(machine));
        root.set("facts", JSON.valueToTree(facts));
        ArrayNode array = root.putArray("rows");
        for (Row row : rows) {
            ObjectNode node = array.addObject();
            Series ratios = row.ratios();
            node.put("name", row.question().name())
                    .put("ratio", rounded(ratios.median()))
                    .put("spread", rounded(ratios.spread()));
            put(node, row.question().target());
            node.put("verdict", row.verdict())
                    .put("measure", row.question().measure().words());
            putSide(node, "measured", row.name(), row.measured());
            putSide(node, "peer", row.peerName(), row.peer());
            node.put("backgroundCpus", rounded(row.backgroundCpus()));
        }
        for (Figure figure : figures) {
            ObjectNode node = array.addObject();
            node.put("name", figure.name())
                    .put("value", rounded(figure.values().median()))
                    .put("unit", figure.unit())
                    .put("spread", rounded(figure.values().spread()));
            put(node, figure.target());
            node.put("verdict", figure.verdict()).put("detail", figure.detail());
        }
        for (Missing row : missing) {
            ObjectNode node = array.addObject();
            node.put("name", row.name()).putNull("value").putNull("spread");
            put(node, row.target());
            node.put("verdict", row.verdict()).put("reason", row.why());
        }
        root.set("latencies", JSON.valueToTree(latencies));
        return root;
    }

    private static void put(ObjectNode node, Target target) {
        put(node, "gate", target.gate());
        put(node, "goal", target.goal());
    }

    private static void put(ObjectNode node, String name, OptionalDouble value) {
        if (value.isPresent()) {
            node.put(name, value.getAsDouble());
        } else {
            node.putNull(name);
        }
    }

    private static void putSide(ObjectNode row, String side, String name, List<Window> windows) {
        ObjectNode node = row.putObject(side);
        node.put("name", name)
                .put("perCpuSecond", Math.round(perCpuSecond(windows).median()))
                .put("perSecond", Math.round(perSecond(windows).median()))
                .put("spread", rounded(perCpuSecond(windows).spread()));
    }

    private static Series perCpuSecond(List<Window> windows) {
        return Row.Measure.PER_CPU_SECOND.of(windows);
    }

    private static Series perSecond(List<Window> windows) {
        return Row.Measure.PER_SECOND.of(windows);
    }

    private static double rounded(double value) {
        return Math.round(value * 1_000) / 1_000.0;
    }

    String markdown() {
        StringBuilder text = new StringBuilder("# Results\n\n");
        text.append("Printed by `").append(command).append("` on ").append(date).append("; not edited by hand.\n");
        text.append("[README.md](README.md) says what each row means.\n\n");
        text.append("- machine: ").append(machine.processor()).append(", ").append(machine.cpus());
        text.append(" CPUs, ")
                .append(machine.memoryBytes() >> 30)
                .append(" GiB, ")
                .append(machine.system());
        text.append("\n- Java: ").append(machine.java()).append('\n');
        facts.forEach((name, fact) ->
                text.append("- ").append(name).append(": ").append(fact).append('\n'));
        text.append("\n## Ratios\n\n");
        text.append(
                "A ratio is the median over the turns of one run; a spread goes from the least to the greatest, as a part of"
                        + " the median.\n\n");
        text.append("| what | ratio | spread | gate | goal | reached |\n|---|---:|---:|---:|---:|---|\n");
        for (Row row : rows) {
            Target target = row.question().target();
            text.append(format(
                    "| %s | %.2f | %.0f %% | %s | %s | %s |\n",
                    row.question().name(),
                    row.ratios().median(),
                    100 * row.ratios().spread(),
                    shown(target.gate()),
                    shown(target.goal()),
                    row.verdict()));
        }
        appendFigures(text);
        text.append("\n## Behind the ratios\n\n");
        text.append(
                "Thousands, medians. CPU: processors that the server kept busy. Background: processors that work which"
                        + " has nothing to do with the run kept busy.\n\n");
        text.append("| what | side | per CPU-second | spread | per second | CPU | background |\n");
        text.append("|---|---|---:|---:|---:|---:|---:|\n");
        for (Row row : rows) {
            appendSide(text, row, row.name(), row.measured());
            appendSide(text, row, row.peerName(), row.peer());
        }
        if (!latencies.isEmpty()) {
            text.append("\n## Latencies\n\n");
            text.append("Open loop, from when a call was due, in microseconds.\n\n");
            text.append("| what | calls | p50 | p99 | p99.9 | max |\n|---|---:|---:|---:|---:|---:|\n");
            for (Latency latency : latencies) {
                text.append(format(
                        "| %s | %d | %.0f | %.0f | %.0f | %.0f |\n",
                        latency.name(), latency.calls(), latency.p50(), latency.p99(), latency.p999(), latency.max()));
            }
        }
        return text.toString();
    }

    private void appendFigures(StringBuilder text) {
        if (!figures.isEmpty()) {
            text.append("\n## Figures\n\n");
            text.append("Medians, and spreads as above. A gate of a time or a size is the most that it may be.\n\n");
            text.append("| what | figure | unit | spread | gate | goal | reached | meanwhile |\n");
            text.append("|---|---:|---|---:|---:|---:|---|---|\n");
            for (Figure figure : figures) {
                text.append(format(
                        "| %s | %s | %s | %.0f %% | %s | %s | %s | %s |\n",
                        figure.name(),
                        number(figure.values().median()),
                        figure.unit(),
                        100 * figure.values().spread(),
                        numberOf(figure.target().gate()),
                        numberOf(figure.target().goal()),
                        figure.verdict(),
                        figure.detail()));
            }
        }
        if (!missing.isEmpty()) {
            text.append("\n## Without a number\n\n| what | | why |\n|---|---|---|\n");
            for (Missing row : missing) {
                text.append(format(
                        "| %s | %s | %s |\n",
                        row.name(), row.verdict(), row.why().replace('|', '/')));
            }
        }
    }

    private static String number(double value) {
        return format(value >= 1_000 ? "%,.0f" : "%.2f", value);
    }

    private static String numberOf(OptionalDouble value) {
        return value.isPresent() ? number(value.getAsDouble()) : "-";
    }

    private static void appendSide(StringBuilder text, Row row, String name, List<Window> windows) {
        double cpus = new Series(windows.stream()
                        .map(window -> window.serverCpuSeconds() / window.seconds())
                        .toList())
                .median();
        double background =
                new Series(windows.stream().map(Window::backgroundCpus).toList()).median();
        text.append(format(
                "| %s | %s | %.1f | %.0f %% | %.1f | %.2f | %.2f |\n",
                row.question().name(),
                name,
                perCpuSecond(windows).median() / 1e3,
                100 * perCpuSecond(windows).spread(),
                perSecond(windows).median() / 1e3,
                cpus,
                background));
    }

    private static String shown(OptionalDouble value) {
        return value.isPresent() ? format("%.2f", value.getAsDouble()) : "-";
    }

    private static String format(String pattern, Object... values) {
        return String.format(Locale.ROOT, pattern, values);
    }
}
