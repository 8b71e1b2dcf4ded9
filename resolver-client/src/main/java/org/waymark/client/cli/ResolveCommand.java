package org.waymark.client.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.waymark.client.Resolution;
import org.waymark.client.ResolveOptions;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.PrefixRecord;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark resolve}. */
@Command(name = "resolve", description = "Resolves identifiers and verifies the answers.")
final class ResolveCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.TrustOptions trust;

    @Parameters(arity = "1..*", paramLabel = "IDENTIFIER", description = "Of any scheme, such as 88.118.8/JXDY2106023.")
    private List<String> texts;

    private List<Identifier> identifiers;

    @Option(
            names = {"-t", "--type"},
            paramLabel = "TYPE",
            description = "Only values of this type; one that ends with a dot stands for all that start with it.")
    private List<String> types = List.of();

    @Option(
            names = {"-i", "--index"},
            paramLabel = "INDEX",
            description = "Only values with this index.")
    private List<Long> indexes = List.of();

    @Option(names = "--authoritative", description = "Pass the caches and read the registry.")
    private boolean authoritative;

    @Option(
            names = "--trace",
            description = "Print each node that is asked on the way through the tree, as \"dig +trace\" does.")
    private boolean trace;

    @Option(names = "--no-follow", description = "Show a referral to another node instead of following it.")
    private boolean noFollow;

    @Option(names = "--json", description = "Print one JSON object an identifier, each on its own line.")
    private boolean json;

    @Option(
            names = "--save",
            paramLabel = "FILE",
            description = "Write the record and its chain to a file that \"waymark verify\" reads; for one identifier.")
    private Path save;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        // Not read by picocli, which takes a broken one after the first for a stray argument.
        try {
            identifiers = texts.stream().map(Identifier::parse).toList();
        } catch (InvalidIdentifierException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
        if (save != null && identifiers.size() > 1) {
            throw new UsageException("--save takes one identifier, not " + identifiers.size());
        }
        ResolveOptions options = ResolveOptions.ALL.withTypes(types).withIndexes(indexes);
        if (authoritative) {
            options = options.authoritatively();
        }
        if (trace && json) {
            throw new UsageException("--trace prints text; it does not go with --json");
        }
        int code = ExitCode.OK;
        try (ResolverClient client = node.resolver(trust, builder -> builder.followReferrals(!noFollow))) {
            if (trace) {
                return traced(client, options);
            }
            List<CompletableFuture<Resolution>> answers = client.resolveAll(identifiers, options);
            for (int i = 0; i < answers.size(); i++) {
                code = Math.max(code, show(identifiers.get(i), answers.get(i)));
            }
        }
        return code;
    }

    private int traced(ResolverClient client, ResolveOptions options) throws IOException {
        int code = ExitCode.OK;
        for (Identifier identifier : identifiers) {
            // Each step is shown when it is made: one that fails is the last.
            CompletableFuture<Resolution> answer = client.resolve(
                    identifier,
                    options,
                    hop -> TraceView.print(hop, spec.commandLine().getOut()));
            code = Math.max(code, show(identifier, answer));
        }
        return code;
    }

    private int show(Identifier identifier, CompletableFuture<Resolution> answer) throws IOException {
        Resolution resolution;
        try {
            resolution = answer.join();
        } catch (CompletionException e) {
            if (identifiers.size() == 1) {
                throw e;
            }
            spec.commandLine()
                    .getErr()
                    .println(TextTable.printable(identifier.canonical()) + ": " + WaymarkCommand.message(e.getCause()));
            return WaymarkCommand.code(e.getCause());
        }
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(ResolutionView.json(resolution));
        } else {
            ResolutionView.print(resolution, out);
        }
        if (save != null) {
            save(resolution);
        }
        return resolution instanceof Resolution.Found ? ExitCode.OK : ExitCode.NEGATIVE;
    }

    private void save(Resolution resolution) throws IOException {
        if (resolution instanceof Resolution.Found found) {
            save(found.record(), found.chain());
        } else if (resolution instanceof Resolution.Revoked revoked
                && revoked.reason() == Resolution.Revoked.Reason.RECORD) {
            save(revoked.evidence(), revoked.chain());
        } else {
            spec.commandLine().getErr().println("there is no record to save");
        }
    }

    private void save(IdentifierRecord record, List<PrefixRecord> chain) throws IOException {
        SavedRecord.of(record, chain).write(save);
    }
}
