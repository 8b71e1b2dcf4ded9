package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.waymark.client.Resolution;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.UntrustedAnchorException;
import org.waymark.trust.VerificationException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark verify}. */
@Command(
        name = "verify",
        description =
                "Verifies a record from an anchor down: one that \"waymark resolve --save\" wrote (without a node where"
                        + " its chain was saved with it), or the current one of an identifier.")
final class VerifyCommand implements Callable<Integer> {

    @Mixin
    private NodeOptions node;

    @Mixin
    private NodeOptions.AnchorOptions trust;

    @Parameters(paramLabel = "FILE|IDENTIFIER", description = "A saved record where there is such a file.")
    private String subject;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        if (trust.anchors().isEmpty()) {
            throw new UsageException(trust.missingAnchor());
        }
        if (isFile(subject)) {
            return verify(SavedRecord.read(Path.of(subject)));
        }
        Identifier identifier;
        try {
            identifier = Identifier.parse(subject);
        } catch (InvalidIdentifierException e) {
            throw new UsageException("there is no such file, and it is no identifier either: " + e.getMessage());
        }
        Resolution resolution;
        try (ResolverClient client = node.resolver(trust)) {
            resolution = client.blocking().resolve(identifier);
        }
        if (resolution instanceof Resolution.Found found) {
            return report(found.record(), found.chain());
        }
        ResolutionView.print(resolution, spec.commandLine().getOut());
        return ExitCode.NEGATIVE;
    }

    private static boolean isFile(String text) {
        try {
            return Files.isRegularFile(Path.of(text));
        } catch (InvalidPathException e) {
            return false;
        }
    }

    private int verify(SavedRecord saved) {
        IdentifierRecord record = saved.record();
        Identifier identifier = Identifier.parse(record.scheme(), record.key().identifier());
        TrustedPrefix owner;
        if (saved.chain().isEmpty()) {
            try (ResolverClient client = node.resolver(trust)) {
                owner = client.blocking().trust(record.owner());
            }
        } else {
            owner = follow(saved.chain());
        }
        owner.verify(identifier, record, System.currentTimeMillis());
        return report(record, owner.chain());
    }

    private TrustedPrefix follow(List<IdentifierRecord> chain) {
        SignatureVerifier signatures = new SignatureVerifier();
        long now = System.currentTimeMillis();
        TrustedPrefix link = anchored(chain.get(0), signatures, now);
        for (IdentifierRecord next : chain.subList(1, chain.size())) {
            link = link.delegate(next, now);
        }
        return link;
    }

    private TrustedPrefix anchored(IdentifierRecord root, SignatureVerifier signatures, long now) {
        VerificationException failure = new UntrustedAnchorException(
                "the saved chain starts at " + root.key() + ", for which no anchor was given");
        for (Anchor anchor : trust.anchors()) {
            if (anchor.prefix().canonical().equals(root.key().identifier())
                    && anchor.prefix().scheme() == root.scheme()) {
                try {
                    return TrustedPrefix.anchored(anchor, root, signatures, now);
                } catch (VerificationException e) {
                    failure = e;
                }
            }
        }
        throw failure;
    }

    private int report(IdentifierRecord record, List<PrefixRecord> chain) {
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            ObjectNode verified = JsonNodeFactory.instance.objectNode();
            verified.put("identifier", record.key().identifier());
            verified.put("verified", true);
            verified.set("record", RecordView.json(record));
            verified.set("chain", RecordView.json(chain));
            out.println(verified);
        } else {
            out.println(TextTable.printable(record.key().identifier()) + "  VERIFIED  version " + record.version()
                    + (record.isRevoked() ? ", which says that it is revoked" : ""));
            out.println("; signed by    " + RecordView.signer(record, chain));
            out.println("; verified     " + RecordView.chain(chain));
        }
        return record.isRevoked() ? ExitCode.NEGATIVE : ExitCode.OK;
    }
}
