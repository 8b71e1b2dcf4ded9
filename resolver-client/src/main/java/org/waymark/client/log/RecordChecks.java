package org.waymark.client.log;

import com.google.protobuf.ByteString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.waymark.client.NodeClient;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Identifier;
import org.waymark.log.LogEntry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.VerificationException;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.HistoryResponse;
import org.waymark.v1.RecordKind;

/** Holds entries of the log against what the node has of their records. */
final class RecordChecks {

    private final ResolverClient client;
    private final NodeClient node;
    private final Consumer<LogFinding> findings;

    RecordChecks(ResolverClient client, Consumer<LogFinding> findings) {
        this.client = client;
        this.node = client.nodes();
        this.findings = findings;
    }

    /** @param entries as many as may be asked for at once */
    void check(List<LogEntry> entries) {
        List<CompletableFuture<HistoryResponse>> asked = entries.stream()
                .map(entry -> node.history(entry.key(), entry.version(), 1))
                .toList();
        for (int i = 0; i < entries.size(); i++) {
            check(entries.get(i), NodeLogSource.join(asked.get(i)));
        }
    }

    private void check(LogEntry entry, HistoryResponse page) {
        HistoryEntry served = page.getEntriesCount() == 0 ? null : page.getEntries(0);
        if (served == null) {
            findAbsent(entry);
            return;
        }
        IdentifierRecord record;
        try {
            record = IdentifierRecord.parse(served.getRecord());
        } catch (InvalidRecordException e) {
            find(LogFinding.Kind.CHANGED_RECORD, entry, "is no record any more: " + e.getMessage(), served.getRecord());
            return;
        }
        if (!record.key().equals(entry.key()) || record.version() != entry.version()) {
            find(
                    LogFinding.Kind.MISSING_RECORD,
                    entry,
                    "is missing; the node gave " + record + " in its place",
                    served.getRecord());
        } else if (!record.digest(entry.digest().hash()).equals(entry.digest())) {
            find(
                    LogFinding.Kind.CHANGED_RECORD,
                    entry,
                    "has another header than the one that was logged",
                    served.getRecord());
        } else if (!valuesMatch(record, entry)) {
            find(
                    LogFinding.Kind.CHANGED_RECORD,
                    entry,
                    "has other values than those that were signed",
                    served.getRecord());
        } else if (served.getSequence() != entry.sequence() || served.getCommittedAt() != entry.committedAt()) {
            find(
                    LogFinding.Kind.CHANGED_RECORD,
                    entry,
                    "was commit " + entry.sequence() + " by the log; the node says commit " + served.getSequence(),
                    served.getRecord());
        } else if (page.getNextVersion() == 0 && record.kind() == RecordKind.ITEM) {
            requireSigned(entry, record);
        }
    }

    private static boolean valuesMatch(IdentifierRecord record, LogEntry entry) {
        try {
            return record.valuesMatchRoot(entry.digest().hash());
        } catch (InvalidRecordException e) {
            return false;
        }
    }

    /** The node has no such version, and none after it. */
    private void findAbsent(LogEntry entry) {
        HistoryResponse all = NodeLogSource.join(node.history(entry.key(), 1, 0));
        if (all.getEntriesCount() == 0) {
            find(LogFinding.Kind.MISSING_RECORD, entry, "is missing: the node has no such record", ByteString.EMPTY);
            return;
        }
        ByteString newest = all.getEntries(all.getEntriesCount() - 1).getRecord();
        find(
                LogFinding.Kind.ROLLED_BACK_RECORD,
                entry,
                "was taken back: the node serves " + describe(newest) + " as the newest",
                newest);
    }

    private static String describe(ByteString record) {
        try {
            return "version " + IdentifierRecord.parse(record).version();
        } catch (InvalidRecordException e) {
            return "something that is no record";
        }
    }

    /** From an anchor down. What was valid when it was registered may not be so any more; what was never signed is found. */
    private void requireSigned(LogEntry entry, IdentifierRecord record) {
        try {
            Identifier identifier =
                    Identifier.parse(record.scheme(), record.key().identifier());
            client.blocking().trust(record.owner()).verify(identifier, record, System.currentTimeMillis());
        } catch (BadSignatureException | TamperedRecordException e) {
            find(LogFinding.Kind.UNSIGNED_RECORD, entry, "does not verify: " + e.getMessage(), record.encoded());
        } catch (VerificationException e) {
            // Its owner, its key or its epoch is no longer in force, which is no fault of the log.
            return;
        }
    }

    private void find(LogFinding.Kind kind, LogEntry entry, String fault, ByteString record) {
        Map<String, byte[]> evidence = new LinkedHashMap<>();
        evidence.put("entry.bin", entry.encoded());
        if (!record.isEmpty()) {
            evidence.put("record.bin", record.toByteArray());
        }
        findings.accept(new LogFinding(
                kind,
                entry.key().toString(),
                "version " + entry.version() + ", commit " + entry.sequence() + ", " + fault,
                evidence));
    }
}
