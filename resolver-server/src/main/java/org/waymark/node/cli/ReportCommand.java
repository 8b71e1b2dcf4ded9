package org.waymark.node.cli;

import java.io.PrintWriter;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.concurrent.Callable;
import org.waymark.node.reports.FigureStore;
import org.waymark.node.reports.Report;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code waymark-node report}. */
@Command(
        name = "report",
        description = {
            "Writes what a secondary node reports upward about a day or a month, for the node and each enterprise.",
            "Reads the figures in node.dataDir, whether the node runs or not; a running node brings them up to date",
            "once a minute. Days are those of operations.timeZone as it was then."
        },
        mixinStandardHelpOptions = true,
        versionProvider = NodeCommand.Version.class)
final class ReportCommand implements Callable<Integer> {

    @Mixin
    private ConfigOptions options;

    @ArgGroup(multiplicity = "1")
    private Period period;

    @Option(names = "--format", paramLabel = "FORMAT", description = "json (default) or csv.")
    private Format format = Format.JSON;

    @Spec
    private CommandSpec command;

    private static final class Period {

        @Option(names = "--day", required = true, paramLabel = "YYYY-MM-DD", description = "The report about a day.")
        private LocalDate day;

        @Option(names = "--month", required = true, paramLabel = "YYYY-MM", description = "The report about a month.")
        private YearMonth month;
    }

    /** How the report is written. */
    enum Format {
        JSON,
        CSV
    }

    @Override
    public Integer call() throws Exception {
        FigureStore store = new FigureStore(options.load().config().node().dataDir());
        Report report = period.day != null ? Report.ofDay(store, period.day) : Report.ofMonth(store, period.month);
        PrintWriter out = command.commandLine().getOut();
        if (format == Format.JSON) {
            out.println(report.toJson());
        } else {
            out.print(report.toCsv());
        }
        out.flush();
        return 0;
    }
}
