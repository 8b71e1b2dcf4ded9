package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.waymark.client.Provenance;
import org.waymark.client.Resolution;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;

/** The outcome of a look-up as text and as JSON. */
final class ResolutionView {

    private ResolutionView() {}

    static void print(Resolution resolution, PrintWriter out) {
        String name = TextTable.printable(resolution.identifier().canonical());
        if (resolution instanceof Resolution.Found found) {
            IdentifierRecord record = found.record();
            String shown = record.isPartial()
                    ? ", " + record.values().size() + " of " + record.valueCount() + " values shown"
                    : "";
            out.println(name + "  FOUND  version " + record.version() + ", ttl " + record.ttlSeconds() + " s" + shown);
            TextTable values = RecordView.values(record);
            if (!values.isEmpty()) {
                values.lines("  ").forEach(out::println);
            }
            out.println("; signed by    " + RecordView.signer(record, found.chain()));
            verified(found.chain(), out);
        } else if (resolution instanceof Resolution.Revoked revoked) {
            String what = switch (revoked.reason()) {
                case RECORD -> "by version " + revoked.evidence().version();
                case PREFIX -> "with " + revoked.evidence().key();
                case KEY -> "since the key that signed it is no longer good, by " + revoked.evidence();
            };
            out.println(name + "  REVOKED  " + TextTable.printable(what));
            out.println("; signed by    " + RecordView.signer(revoked.evidence(), revoked.chain()));
            if (isProven(revoked)) {
                verified(revoked.chain(), out);
            } else {
                out.println("; NOT VERIFIED that a key no longer good signed the record is the node's word");
            }
        } else if (resolution instanceof Resolution.Referral referral) {
            out.println(name + "  REFERRAL  to the node of " + referral.prefix().prefix());
            TextTable addresses = new TextTable("FACE", "HOST", "PORT", "PRIORITY", "WEIGHT");
            for (NodeAddress address : referral.prefix().addresses()) {
                addresses.row(
                        address.getFace(),
                        TextTable.printable(address.getHost()),
                        Integer.toString(address.getPort()),
                        Integer.toString(address.getPriority()),
                        Integer.toString(address.getWeight()));
            }
            addresses.lines("  ").forEach(out::println);
            verified(referral.chain(), out);
        } else if (resolution instanceof Resolution.NotFound notFound) {
            String owner = notFound.owner().isEmpty() ? "" : "  under the prefix " + notFound.owner();
            out.println(name + "  NOT FOUND" + TextTable.printable(owner));
            if (!notFound.message().isEmpty()) {
                out.println("; node says    " + TextTable.printable(notFound.message()));
            }
            if (notFound.isProven()) {
                AbsenceDenial denial = notFound.proof().orElseThrow();
                out.println("; denied by    " + denial.signer() + ", " + Instant.ofEpochMilli(denial.issuedAt())
                        + ", as of commit " + denial.sequence());
                verified(notFound.chain(), out);
            } else {
                out.println("; NOT VERIFIED that there is no record is the node's word");
            }
        } else if (resolution instanceof Resolution.NotResponsible elsewhere) {
            out.println(name + "  NOT RESPONSIBLE  " + TextTable.printable(elsewhere.message()));
        } else if (resolution instanceof Resolution.InvalidIdentifier invalid) {
            out.println(name + "  INVALID IDENTIFIER  " + TextTable.printable(invalid.message()));
        }
        out.println("; answered by  " + provenance(resolution.provenance()));
    }

    /** A prefix record proves what its keys are, not which of them signed a record that is not shown. */
    private static boolean isProven(Resolution.Revoked revoked) {
        return !revoked.chain().isEmpty() && revoked.reason() != Resolution.Revoked.Reason.KEY;
    }

    private static void verified(List<PrefixRecord> chain, PrintWriter out) {
        out.println(chain.isEmpty() ? "; NOT VERIFIED" : "; verified     " + RecordView.chain(chain));
    }

    private static String provenance(Provenance provenance) {
        String source = provenance.source().name().toLowerCase(Locale.ROOT).replace('_', ' ');
        double millis = provenance.timeTaken().toNanos() / 1e6;
        Duration life = provenance.remainingLife();
        return source + (provenance.stale() ? " (STALE)" : "") + " in " + String.format(Locale.ROOT, "%.1f", millis)
                + " ms, may be kept for " + life.toSeconds() + " s"
                + (provenance.sequence() < 0 ? "" : ", as of commit " + provenance.sequence());
    }

    static ObjectNode json(Resolution resolution) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("identifier", resolution.identifier().canonical());
        node.put("scheme", resolution.identifier().scheme().tag());
        if (resolution instanceof Resolution.Found found) {
            node.put("outcome", "FOUND");
            node.put("verified", !found.chain().isEmpty());
            node.put("onBehalf", found.isOnBehalf());
            node.set("record", RecordView.json(found.record()));
            node.set("chain", RecordView.json(found.chain()));
        } else if (resolution instanceof Resolution.Revoked revoked) {
            node.put("outcome", "REVOKED");
            node.put("verified", isProven(revoked));
            node.put("reason", revoked.reason().name());
            node.put("evidence", revoked.evidence().key().toString());
            node.set("record", RecordView.json(revoked.evidence()));
            node.set("chain", RecordView.json(revoked.chain()));
        } else if (resolution instanceof Resolution.Referral referral) {
            node.put("outcome", "REFERRAL");
            node.put("verified", !referral.chain().isEmpty());
            node.put("prefix", referral.prefix().prefix().text());
            for (NodeAddress address : referral.prefix().addresses()) {
                node.withArray("addresses")
                        .addObject()
                        .put("face", address.getFace())
                        .put("host", address.getHost())
                        .put("port", address.getPort())
                        .put("priority", address.getPriority())
                        .put("weight", address.getWeight());
            }
            node.set("chain", RecordView.json(referral.chain()));
        } else if (resolution instanceof Resolution.NotFound notFound) {
            node.put("outcome", "NOT_FOUND").put("verified", notFound.isProven());
            node.put("owner", notFound.owner()).put("message", notFound.message());
            notFound.proof()
                    .ifPresent(denial -> node.putObject("denial")
                            .put("signer", denial.signer().text())
                            .put(
                                    "issuedAt",
                                    Instant.ofEpochMilli(denial.issuedAt()).toString())
                            .put("sequence", denial.sequence()));
            node.set("chain", RecordView.json(notFound.chain()));
        } else if (resolution instanceof Resolution.NotResponsible elsewhere) {
            node.put("outcome", "NOT_RESPONSIBLE").put("message", elsewhere.message());
        } else if (resolution instanceof Resolution.InvalidIdentifier invalid) {
            node.put("outcome", "INVALID_IDENTIFIER")
                    .put("message", invalid.message())
                    .put("position", invalid.position());
        }
        Provenance provenance = resolution.provenance();
        ObjectNode answered = node.putObject("answered");
        answered.put("source", provenance.source().name());
        answered.put("stale", provenance.stale());
        answered.put("lifeMillis", provenance.remainingLife().toMillis());
        if (provenance.sequence() >= 0) {
            answered.put("sequence", provenance.sequence());
        }
        answered.put("takenMicros", provenance.timeTaken().toNanos() / 1_000);
        return node;
    }
}
