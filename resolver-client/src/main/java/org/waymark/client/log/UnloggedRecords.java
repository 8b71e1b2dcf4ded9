package org.waymark.client.log;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.waymark.client.NodeClient;
import org.waymark.client.NodeErrorException;
import org.waymark.client.ResolverClient;
import org.waymark.identifier.Prefix;
import org.waymark.log.LogEntry;
import org.waymark.log.LogFormatException;
import org.waymark.log.SignedNote;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordKey;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ScanResponse;

/** Looks for versions that a node has and its log has not. */
final class UnloggedRecords {

    /** Of those that came after the checkpoint, so many are looked at: a busy node commits no more while it is audited. */
    private static final int MOST_LATER = 100_000;

    private final NodeClient node;
    private final long size;
    private final Predicate<LogEntry> isLeaf;
    private final List<Candidate> later = new ArrayList<>();

    /**
     * @param size commits of the log
     * @param isLeaf whether an entry of one of those is that of the log
     */
    UnloggedRecords(ResolverClient client, long size, Predicate<LogEntry> isLeaf) {
        this.node = client.nodes();
        this.size = size;
        this.isLeaf = isLeaf;
    }

    /**
     * A version that the node has.
     *
     * @param entries what the log may have of it: the digest is by the hash of the signer, which is not known here
     */
    record Candidate(long sequence, String subject, ByteString record, List<LogEntry> entries) {

        boolean isSaidBy(byte[] entry) {
            return entries.stream().anyMatch(known -> java.util.Arrays.equals(known.encoded(), entry));
        }

        LogFinding finding(SignedNote note) {
            return new LogFinding(
                    LogFinding.Kind.UNLOGGED_RECORD,
                    subject,
                    "the node serves a version as commit " + sequence + " that the log does not have",
                    Map.of("checkpoint.txt", note.encoded(), "record.bin", record.toByteArray()));
        }
    }

    /** What the node says was committed after the checkpoint. */
    List<Candidate> later() {
        return later;
    }

    void walk(Prefix prefix, Consumer<LogFinding> findings) {
        RecordKey key = RecordKey.of(RecordKind.PREFIX, prefix.scheme(), prefix.canonical());
        ByteString cursor = ByteString.EMPTY;
        do {
            ScanResponse page = NodeLogSource.join(node.scan(key, cursor, 0, 0, true));
            for (HistoryEntry served : page.getEntriesList()) {
                Candidate candidate = candidate(served, prefix);
                if (candidate.sequence() > size) {
                    if (later.size() < MOST_LATER) {
                        later.add(candidate);
                    }
                } else if (candidate.entries().stream().noneMatch(isLeaf)) {
                    findings.accept(unlogged(candidate));
                }
            }
            if (!page.getCursor().isEmpty() && page.getCursor().equals(cursor)) {
                throw new NodeErrorException("the node leads a walk over " + prefix + " back to where it was");
            }
            cursor = page.getCursor();
        } while (!cursor.isEmpty());
    }

    private static LogFinding unlogged(Candidate candidate) {
        return new LogFinding(
                LogFinding.Kind.UNLOGGED_RECORD,
                candidate.subject(),
                "the node serves a version as commit " + candidate.sequence() + " that the log does not have there",
                Map.of("record.bin", candidate.record().toByteArray()));
    }

    private static Candidate candidate(HistoryEntry served, Prefix prefix) {
        List<LogEntry> entries = new ArrayList<>();
        String subject = "under " + prefix;
        try {
            IdentifierRecord record = IdentifierRecord.parse(served.getRecord());
            subject = record.key().toString();
            for (HashFunction hash : HashFunction.values()) {
                entries.add(new LogEntry(
                        served.getSequence(),
                        served.getCommittedAt(),
                        record.version(),
                        record.digest(hash),
                        record.key()));
            }
        } catch (InvalidRecordException | LogFormatException e) {
            // What is no record, or no commit, can't be in the log.
            entries.clear();
        }
        return new Candidate(Math.max(1, served.getSequence()), subject, served.getRecord(), entries);
    }
}
