package org.waymark.client.log;

import java.time.Duration;
import java.util.Optional;
import org.waymark.client.HistoryVersion;
import org.waymark.log.Checkpoint;
import org.waymark.log.LogEntry;
import org.waymark.log.LogFormatException;
import org.waymark.log.LogProof;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.trust.NotLoggedException;

/** Checks that versions of records are in the log. */
public final class LogProofs {

    private static final long PAUSE_MILLIS = 100;

    private final LogSource source;
    private final LogKeys keys;
    private final Duration patience;

    /**
     * @param patience how long to wait for a checkpoint that covers what was committed just now
     */
    public LogProofs(LogSource source, LogKeys keys, Duration patience) {
        this.source = source;
        this.keys = keys;
        this.patience = patience;
    }

    /**
     * Fetches the proof that a version is in the log, and checks it.
     *
     * @return the proof, good to be kept
     * @throws NotLoggedException if there is none in time, or it does not prove it
     */
    public LogProof prove(HistoryVersion version) {
        IdentifierRecord record = version.record();
        if (version.sequence() < 1) {
            throw new NotLoggedException(record + " has no sequence number, so that it has no place in the log");
        }
        byte[] bytes = await("proof/" + (version.sequence() - 1))
                .orElseThrow(() -> new NotLoggedException("no checkpoint covers " + record + ", commit "
                        + version.sequence() + ", within " + patience.toMillis() + " ms"));
        try {
            LogProof proof = LogProof.parse(bytes);
            String origin = Checkpoint.of(proof.checkpoint()).origin();
            Checkpoint.verified(proof.checkpoint(), keys.of(origin));
            if (proof.leaf() == version.sequence() - 1 && isProven(proof, version)) {
                return proof;
            }
        } catch (LogFormatException e) {
            throw new NotLoggedException("the proof of " + record + " is none: " + e.getMessage());
        }
        throw new NotLoggedException(record + " is not what the log has as commit " + version.sequence());
    }

    /** The digest is by the hash of the signer, which is not known here: it is one of two. */
    private static boolean isProven(LogProof proof, HistoryVersion version) {
        for (HashFunction hash : HashFunction.values()) {
            LogEntry entry = entry(version, hash);
            if (proof.proves(entry.encoded())) {
                return true;
            }
        }
        return false;
    }

    private static LogEntry entry(HistoryVersion version, HashFunction hash) {
        IdentifierRecord record = version.record();
        return new LogEntry(
                version.sequence(),
                version.committedAt().toEpochMilli(),
                record.version(),
                record.digest(hash),
                record.key());
    }

    private Optional<byte[]> await(String path) {
        long until = System.nanoTime() + patience.toNanos();
        while (true) {
            Optional<byte[]> part = source.fetch(path);
            if (part.isPresent() || System.nanoTime() >= until) {
                return part;
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return part;
            }
        }
    }
}
