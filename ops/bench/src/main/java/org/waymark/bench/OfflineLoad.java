package org.waymark.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.waymark.bench.data.Dataset;
import org.waymark.bench.measure.CpuTime;
import org.waymark.bench.measure.Figure;
import org.waymark.bench.measure.Series;
import org.waymark.bench.measure.Target;
import org.waymark.bench.peer.NodeProcess;
import org.waymark.trust.Anchor;

/** {@code waymark-node load} of what {@code waymark export} wrote. */
final class OfflineLoad {

    private final Run run;
    private final Dataset dataset;

    OfflineLoad(Run run) throws IOException, InterruptedException {
        this.run = run;
        this.dataset = run.largeDataset();
    }

    void run() throws InterruptedException {
        String name = "offline load of a binary export, " + dataset.count() + " records";
        Target target = Target.atLeast(200_000, 500_000);
        run.attempt(name, target, () -> {
            Anchor anchor = dataset.anchor();
            Path directory = Files.createDirectories(run.scratch("export"));
            Path file = directory.resolve("records.wmx");
            try (NodeProcess node = NodeProcess.start(run.checkout, dataset.nodeDirectory(), anchor, "1g", Map.of())) {
                String server =
                        node.address().getHostString() + ":" + node.address().getPort();
                command(
                        "ops/waymark",
                        "export",
                        anchor.prefix().canonical(),
                        "--server",
                        server,
                        "--anchor",
                        anchor.toString(),
                        "--format",
                        "binary",
                        "--output",
                        file.toString());
            }
            List<Double> perSecond = new ArrayList<>();
            List<Double> perCpuSecond = new ArrayList<>();
            for (int i = 0; i < run.plan.importRepeats(); i++) {
                Path loaded = Files.createDirectories(run.scratch("loaded"));
                double cpu = CpuTime.ofEndedChildren();
                long start = System.nanoTime();
                command(
                        "ops/waymark-node",
                        "load",
                        "--data-dir",
                        loaded.toString(),
                        "--root",
                        anchor.toString(),
                        file.toString());
                perSecond.add(dataset.count() / ((System.nanoTime() - start) / 1e9));
                perCpuSecond.add(dataset.count() / (CpuTime.ofEndedChildren() - cpu));
            }
            run.figure(new Figure(
                    name,
                    "records/s",
                    new Series(perSecond),
                    target,
                    String.format(Locale.ROOT, "%.0f records per CPU-second", new Series(perCpuSecond).median())));
        });
    }

    private void command(String launcher, String... arguments) throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(run.checkout.resolve(launcher).toString()));
        command.addAll(List.of(arguments));
        Path output = run.scratch("command.out");
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        if (process.waitFor() != 0) {
            throw new IOException(
                    launcher + " " + arguments[0] + " failed: " + Files.readString(output, StandardCharsets.UTF_8));
        }
    }
}
