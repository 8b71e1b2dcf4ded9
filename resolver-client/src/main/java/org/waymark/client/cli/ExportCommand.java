package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.waymark.client.HistoryVersion;
import org.waymark.client.RecordScan;
import org.waymark.client.RegistryClient;
import org.waymark.client.ResolverClient;
import org.waymark.client.ScanOptions;
import org.waymark.identifier.Prefix;
import org.waymark.trust.PrefixRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark export}. */
@Command(
        name = "export",
        description =
                "Writes the records of a prefix, and of all that is under it, with their proofs; the prefix records"
                        + " that they hang on come first. \"waymark-node load\" makes a registry of what it wrote.")
final class ExportCommand implements Callable<Integer> {

    private static final double SECONDS_BETWEEN_LINES = Duration.ofSeconds(5).toSeconds();

    enum Format {
        JSONL,
        CSV,
        BINARY
    }

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.TrustOptions trust;

    @Parameters(paramLabel = "PREFIX", description = "Such as 88.118.8 or gs1:950600016.")
    private Prefix prefix;

    @Option(
            names = {"-f", "--format"},
            paramLabel = "jsonl|csv|binary",
            description = "Default: by the name of the output (.csv, .wmx), else jsonl.")
    private Format format;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where to write; .gz compresses. A file of this name is replaced once the new one is whole."
                    + " Default: the standard output, but not for binary.")
    private Path output;

    @Option(names = "--history", description = "All versions, not the current ones alone.")
    private boolean history;

    @Option(names = "--json", description = "Print the summary as a JSON object; needs --output.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    private final long start = System.nanoTime();
    private double nextLineAt = SECONDS_BETWEEN_LINES;
    private long written;
    private long partial;

    @Override
    public Integer call() throws IOException {
        Format chosen = format == null ? byName() : format;
        if (output == null) {
            if (chosen == Format.BINARY || json) {
                throw new UsageException((json ? "--json" : "the binary form") + " needs --output FILE");
            }
            try (ExportSink sink = sink(chosen, standardOutput(), Path.of(System.getProperty("java.io.tmpdir")))) {
                write(sink);
            }
            return ExitCode.OK;
        }
        try (ExportFile file = new ExportFile(output);
                ExportSink sink = sink(chosen, file.out(), file.directory())) {
            write(sink);
            file.complete();
        }
        summary();
        return ExitCode.OK;
    }

    private Format byName() {
        String name =
                output == null ? "" : output.toString().toLowerCase(Locale.ROOT).replaceFirst("\\.gz$", "");
        return name.endsWith(".csv") ? Format.CSV : name.endsWith(".wmx") ? Format.BINARY : Format.JSONL;
    }

    private ExportSink sink(Format chosen, OutputStream out, Path directory) throws IOException {
        return switch (chosen) {
            case JSONL -> new JsonLinesSink(out, prefix, history);
            case CSV -> new CsvSink(out, directory);
            case BINARY -> new BinarySink(out);
        };
    }

    /** Whole lines come in. */
    private OutputStream standardOutput() {
        PrintWriter out = spec.commandLine().getOut();
        return new OutputStream() {
            @Override
            public void write(int one) {
                out.write(one);
            }

            @Override
            public void write(byte[] bytes, int offset, int length) {
                out.write(new String(bytes, offset, length, StandardCharsets.UTF_8));
            }

            @Override
            public void flush() {
                out.flush();
            }
        };
    }

    private void write(ExportSink sink) throws IOException {
        try (ResolverClient client = node.resolver(trust)) {
            for (Prefix above : above(client)) {
                List<HistoryVersion> versions = ancestor(client, above);
                for (HistoryVersion version : versions) {
                    add(sink, version);
                }
            }
            RecordScan scan = client.scan(prefix, history ? ScanOptions.HISTORY : ScanOptions.CURRENT);
            while (scan.hasNext()) {
                add(sink, scan.next());
            }
        }
        sink.finish();
        if (partial > 0) {
            spec.commandLine()
                    .getErr()
                    .println(partial + " records lack values that only some may read; \"waymark-node load\" takes whole"
                            + " records only");
        }
    }

    /** The registered prefixes above this one, the root first. */
    private List<Prefix> above(ResolverClient client) {
        List<Prefix> above = new ArrayList<>();
        if (trust.isVerifying()) {
            client.blocking().trust(prefix).chain().stream()
                    .map(PrefixRecord::prefix)
                    .forEach(above::add);
        } else {
            RegistryClient registry = new RegistryClient(client.nodes());
            for (Prefix rung : prefix.ladder()) {
                if (registry.prefixRecord(rung).join().isPresent()) {
                    above.add(rung);
                }
            }
            Collections.reverse(above);
        }
        above.remove(prefix);
        return above;
    }

    private List<HistoryVersion> ancestor(ResolverClient client, Prefix above) {
        List<HistoryVersion> versions = client.history(above).join();
        return history || versions.isEmpty() ? versions : versions.subList(versions.size() - 1, versions.size());
    }

    private void add(ExportSink sink, HistoryVersion version) throws IOException {
        sink.add(version);
        written++;
        partial += version.record().isPartial() ? 1 : 0;
        if (output != null && seconds() >= nextLineAt) {
            nextLineAt = seconds() + SECONDS_BETWEEN_LINES;
            spec.commandLine().getErr().println(rate());
        }
    }

    private double seconds() {
        return (System.nanoTime() - start) / 1e9;
    }

    private String rate() {
        return String.format(Locale.ROOT, "%,d records, %,.0f records/s", written, written / seconds());
    }

    private void summary() {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            result.putObject("summary")
                    .put("records", written)
                    .put("partial", partial)
                    .put("verified", trust.isVerifying())
                    .put("at", Instant.now().toString());
            out.println(result);
        } else {
            out.println("wrote " + output + ": " + rate() + (trust.isVerifying() ? ", verified" : ", NOT VERIFIED"));
        }
    }
}
