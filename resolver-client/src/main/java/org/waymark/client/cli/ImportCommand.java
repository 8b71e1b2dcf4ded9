package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.waymark.Limits;
import org.waymark.client.ItemDraft;
import org.waymark.client.NodeClient;
import org.waymark.client.bulk.BulkCounts;
import org.waymark.client.bulk.BulkImport;
import org.waymark.client.bulk.BulkRow;
import org.waymark.client.bulk.JournalException;
import org.waymark.client.bulk.RejectedRow;
import org.waymark.client.bulk.RejectedRows;
import org.waymark.client.bulk.RowChecker;
import org.waymark.client.bulk.RowFault;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.trust.KeySource;
import org.waymark.trust.SigningKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark import}. */
@Command(
        name = "import",
        description = "Signs and registers the items of a file of any size. An import that was interrupted goes on with"
                + " --resume: FILE.waymark-journal knows how far it was.")
final class ImportCommand implements Callable<Integer> {

    private static final String JOURNAL = ".waymark-journal";
    private static final String ERRORS = ".waymark-errors";
    /** Of the file, what is compared when an import goes on. */
    private static final int HEAD_BYTES = 1 << 20;
    /** Rejected rows that are named on the terminal too. */
    private static final int SHOWN = 20;

    @Mixin
    private NodeOptions node;

    @Mixin
    private PassphraseOptions passphrases;

    @Parameters(
            paramLabel = "FILE",
            description =
                    "Items: CSV with a header line, or JSON Lines (.jsonl), also with gzip (.gz). Without --map, the"
                            + " column \"identifier\" holds the identifier, each other one a value whose type is the column's name.")
    private Path file;

    @Option(
            names = {"-p", "--prefix"},
            required = true,
            paramLabel = "PREFIX",
            description = "The prefix that owns the items and signs them.")
    private Prefix prefix;

    @Option(
            names = {"-k", "--signer"},
            required = true,
            paramLabel = "KEY",
            description =
                    "Private key of the prefix, with the role RECORDS: FILE, FILE.p12#ALIAS or pkcs11:CONFIG#ALIAS.")
    private KeySource keySource;

    @Option(
            names = {"-m", "--map"},
            paramLabel = "FILE",
            description = "YAML or JSON that says which columns make the identifier and what values the others are.")
    private Path map;

    @Option(
            names = "--batch",
            paramLabel = "ROWS",
            defaultValue = "1000",
            description = "Rows of one request: 1 to 1000. Default: ${DEFAULT-VALUE}.")
    private int batch;

    @Option(
            names = "--in-flight",
            paramLabel = "REQUESTS",
            defaultValue = "4",
            description = "Requests in flight: 1 to 64. Default: ${DEFAULT-VALUE}.")
    private int inFlight;

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "86400",
            description = "How long an answer may be kept: 1 to 2592000. Default: ${DEFAULT-VALUE}.")
    private int ttl;

    @Option(
            names = "--resume",
            description = "Go on with an import that was interrupted. Without a journal, begin at the first row.")
    private boolean resume;

    @Option(
            names = "--dry-run",
            description =
                    "Send nothing; check every row and print what is wrong with which. Exits with 4 where a row is at"
                            + " fault.")
    private boolean dryRun;

    @Option(
            names = "--max-errors",
            paramLabel = "ROWS",
            defaultValue = "1000",
            description = "With --dry-run, end after so many rows at fault. Default: ${DEFAULT-VALUE}.")
    private int maxErrors;

    @Option(
            names = "--errors",
            paramLabel = "FILE",
            description =
                    "Where rejected rows go, as they were, with line and reason; replaced if it is there. Default:"
                            + " FILE" + ERRORS + "; none with --dry-run.")
    private Path errors;

    @Option(names = "--json", description = "Print the summary, and the rows at fault of --dry-run, as JSON objects.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (ttl < 1 || ttl > Limits.TTL_SECONDS) {
            throw new UsageException("--ttl must be 1 to " + Limits.TTL_SECONDS + " seconds, not " + ttl);
        }
        if (maxErrors < 1) {
            throw new UsageException("--max-errors must be 1 or more, not " + maxErrors);
        }
        SigningKey key = passphrases.open(keySource);
        try (ItemFile items = new ItemFile(file, map == null ? ItemMapping.byNames() : ItemMapping.read(map))) {
            return dryRun ? check(items, key) : register(items, key);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private int check(ItemFile items, SigningKey key) throws IOException {
        RowChecker checker = new RowChecker(key, prefix);
        Iterator<BulkRow> rows = rows(items);
        long checked = 0;
        int atFault = 0;
        try (ErrorFile kept = errors == null ? null : new ErrorFile(errors)) {
            if (kept != null) {
                kept.continueAt(0);
            }
            while (atFault < maxErrors && rows.hasNext()) {
                BulkRow row = rows.next();
                checked++;
                Optional<RowFault> fault = checker.check(row);
                if (fault.isPresent()) {
                    atFault++;
                    RejectedRow rejected = new RejectedRow(row.line(), row.text(), fault.get());
                    if (kept != null) {
                        kept.add(List.of(rejected));
                    }
                    if (json) {
                        spec.commandLine().getOut().println(ErrorFile.json(rejected));
                    } else {
                        complain(rejected);
                    }
                }
            }
        }
        boolean isCutShort = rows.hasNext();
        if (json) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            result.putObject("summary")
                    .put("checked", checked)
                    .put("at_fault", atFault)
                    .put("complete", !isCutShort);
            spec.commandLine().getOut().println(result);
        } else {
            spec.commandLine()
                    .getOut()
                    .println("checked " + checked + ", at fault " + atFault
                            + (isCutShort ? "; ended there, since --max-errors is " + maxErrors : ""));
        }
        return atFault == 0 ? ExitCode.OK : ExitCode.REFUSED;
    }

    private void complain(RejectedRow row) {
        spec.commandLine()
                .getErr()
                .println("line " + row.line() + ": "
                        + TextTable.printable(row.fault().toString()));
    }

    private int register(ItemFile items, SigningKey key) throws IOException, InterruptedException {
        Path journal = file.resolveSibling(file.getFileName() + JOURNAL);
        Path errorFile = errors == null ? file.resolveSibling(file.getFileName() + ERRORS) : errors;
        AtomicReference<BulkCounts> counts = new AtomicReference<>();
        Thread farewell = new Thread(() -> spec.commandLine()
                .getErr()
                .println(System.lineSeparator() + "interrupted; the same command with --resume goes on"));
        boolean isTerminal = System.console() != null;
        try (NodeClient client = node.connect();
                ErrorFile rejected = new ErrorFile(errorFile);
                ImportProgress progress = ImportProgress.on(
                        spec.commandLine().getErr(), isTerminal, Files.size(file), items::bytesRead)) {
            BulkImport bulk = BulkImport.builder(client, prefix, key)
                    .batch(batch)
                    .inFlight(inFlight)
                    .journal(journal, madeFrom())
                    .resume(resume)
                    .rejectedRows(complaining(rejected))
                    .progress(now -> {
                        BulkCounts before = counts.getAndSet(now);
                        progress.show(now, now.rows() - (before == null ? 0 : before.rows()));
                    })
                    .build();
            Runtime.getRuntime().addShutdownHook(farewell);
            BulkCounts done = bulk.run(rows(items));
            summary(done, progress, errorFile);
            return done.rejected() == 0 ? ExitCode.OK : ExitCode.REFUSED;
        } catch (JournalException e) {
            throw new UsageException(e.getMessage()
                    + (e.problem() == JournalException.Problem.UNFINISHED ? " (--resume resumes it)" : ""));
        } finally {
            Runtime.getRuntime().removeShutdownHook(farewell);
        }
    }

    /** Names the first rejected rows on the terminal too. */
    private RejectedRows complaining(ErrorFile kept) {
        return new RejectedRows() {

            private int shown;

            @Override
            public long add(List<RejectedRow> rows) throws IOException {
                for (RejectedRow row : rows) {
                    if (shown < SHOWN) {
                        complain(row);
                    } else if (shown == SHOWN) {
                        spec.commandLine().getErr().println("further rejected rows are only in the file of errors");
                    }
                    shown = Math.min(shown + 1, SHOWN + 1);
                }
                return kept.add(rows);
            }

            @Override
            public void continueAt(long mark) throws IOException {
                kept.continueAt(mark);
            }
        };
    }

    /** What the rows depend on. */
    private Map<String, String> madeFrom() throws IOException {
        return Map.of(
                "file",
                Files.size(file) + " bytes, beginning with the digest " + digest(file),
                "mapping",
                map == null ? "none" : digest(map),
                "ttl",
                Integer.toString(ttl));
    }

    private static String digest(Path path) throws IOException {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readNBytes(HEAD_BYTES));
            return HexFormat.of().formatHex(digest, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private Iterator<BulkRow> rows(ItemFile items) {
        return new Iterator<>() {

            private BulkRow ahead;

            @Override
            public boolean hasNext() {
                if (ahead == null) {
                    try {
                        ItemFile.Row row = items.next();
                        ahead = row == null ? null : row(row);
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }
                return ahead != null;
            }

            @Override
            public BulkRow next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                BulkRow row = ahead;
                ahead = null;
                return row;
            }
        };
    }

    private BulkRow row(ItemFile.Row row) {
        if (row.fault() != null) {
            return BulkRow.broken(row.line(), row.text(), row.fault());
        }
        try {
            List<ItemDraft.Value> values = new ArrayList<>(row.fields().size());
            for (ItemFile.Field field : row.fields()) {
                values.add(new ItemDraft.Value(
                        field.index(), field.type(), ByteString.copyFromUtf8(field.text()), field.readers()));
            }
            Identifier identifier = Identifier.parse(row.identifier());
            return BulkRow.of(row.line(), row.text(), new ItemDraft(identifier, values, ttl, false));
        } catch (InvalidIdentifierException e) {
            return BulkRow.broken(row.line(), row.text(), new RowFault(row.identifierColumn(), e.getMessage()));
        }
    }

    private void summary(BulkCounts counts, ImportProgress progress, Path errorFile) {
        if (json) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            result.putObject("summary")
                    .put("created", counts.created())
                    .put("updated", counts.updated())
                    .put("unchanged", counts.unchanged())
                    .put("refused", counts.rejected());
            spec.commandLine().getOut().println(result);
            return;
        }
        spec.commandLine()
                .getOut()
                .println("CREATED " + counts.created() + ", UPDATED " + counts.updated() + ", UNCHANGED "
                        + counts.unchanged() + ", refused " + counts.rejected()
                        + (counts.rejected() == 0 ? "" : " (see " + errorFile + ")") + "; " + progress.rate(counts));
    }
}
