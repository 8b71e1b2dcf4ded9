package org.waymark.client.log;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.waymark.client.NodeErrorException;
import org.waymark.client.ResolverClient;
import org.waymark.client.log.FollowedLog.State;
import org.waymark.client.log.FollowedLog.WrongLogException;
import org.waymark.identifier.Prefix;
import org.waymark.log.EntryBundle;
import org.waymark.log.Frontier;
import org.waymark.log.LogEntry;
import org.waymark.log.LogFormatException;
import org.waymark.log.LogHash;
import org.waymark.log.SignedNote;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

/**
 * Follows a node's log: that each checkpoint is signed and continues the last, that the entries are those of the tree, that the node has
 * the version which each entry names, unchanged and signed, and that it serves nothing else. Not safe for use by many threads.
 */
public final class LogAudit {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int CHUNK = 1 << 16;

    private final LogSource source;
    private final ResolverClient records;
    private final FollowedLog log;
    private final Consumer<LogFinding> findings;
    private final LongConsumer progress;

    /**
     * @param source of the log
     * @param records a client of the node whose log it is
     * @param findings is told what is wrong, as soon as it is found
     * @param progress is told now and then how many entries were checked
     */
    public LogAudit(
            LogSource source,
            ResolverClient records,
            LogKeys keys,
            Consumer<LogFinding> findings,
            LongConsumer progress) {
        this.source = source;
        this.records = records;
        this.log = new FollowedLog(source, keys);
        this.findings = findings;
        this.progress = progress;
    }

    /**
     * What an audit came to.
     *
     * @param checkpoint the newest one that continues the one before; the next audit goes on from it. Empty where there is none
     * @param origin the log's name; empty where there is no checkpoint
     * @param commits that the checkpoint covers
     * @param entries that were held against their records
     * @param findings how many
     */
    public record Result(Optional<SignedNote> checkpoint, String origin, long commits, long entries, long findings) {}

    /**
     * Checks the log, and the records of its entries.
     *
     * @param last the checkpoint of the audit before; empty for the first one
     * @param full checks the records of all entries, and that there are no others; else only those since {@code last}
     * @throws org.waymark.client.WaymarkException if the node can't be asked
     */
    public Result run(Optional<SignedNote> last, boolean full) {
        Run run = new Run(last.map(State::of), full);
        try {
            run.run();
        } catch (WrongLogException e) {
            run.found(e.finding());
        }
        Optional<State> reached = run.reached;
        return new Result(
                reached.map(State::note),
                reached.map(state -> state.checkpoint().origin()).orElse(""),
                reached.map(State::size).orElse(0L),
                run.checked,
                run.found);
    }

    private final class Run {

        private final Optional<State> last;
        private final boolean full;
        private final RecordChecks checks;
        private final Set<Prefix> prefixes = new LinkedHashSet<>();
        /** The beginnings of the leaves' hashes, in pieces; of a full audit only. */
        private final List<long[]> leaves = new ArrayList<>();

        private Optional<State> reached;
        private long checked;
        private long found;

        Run(Optional<State> last, boolean full) {
            this.last = last;
            this.full = full;
            this.reached = last;
            this.checks = new RecordChecks(records, this::found);
        }

        void found(LogFinding finding) {
            found++;
            findings.accept(finding);
        }

        void run() throws WrongLogException {
            State next = log.next(last);
            long from = full ? 0 : last.map(State::size).orElse(0L);
            try {
                follow(next, from);
            } catch (LogFormatException e) {
                throw FollowedLog.wrong(
                        LogFinding.Kind.INCOMPLETE_LOG,
                        next.checkpoint().origin(),
                        e.getMessage(),
                        last,
                        Optional.of(next));
            }
            reached = Optional.of(next);
            if (full) {
                requireNoOthers(next);
            }
        }

        private void follow(State next, long from) throws WrongLogException {
            LogTiles tiles = new LogTiles(source, next.size());
            Frontier frontier = Frontier.of(from, tiles);
            boolean isBroken = false;
            while (frontier.size() < next.size()) {
                long first = frontier.size();
                List<byte[]> bundle = tiles.entries(first);
                boolean[] isOther = {false};
                for (byte[] entry : bundle) {
                    frontier.append(LogHash.leaf(entry), (level, index, hash) -> {
                        if (level == 1) {
                            isOther[0] = !Arrays.equals(hash, tiles.hashes(1, index, 1)[0]);
                        }
                    });
                }
                if (isOther[0]) {
                    found(changed(next, first, first + bundle.size(), bundle));
                    isBroken = true;
                }
                check(bundle, first, next);
            }
            if (!isBroken && !frontier.head().equals(next.checkpoint().head())) {
                throw FollowedLog.wrong(
                        LogFinding.Kind.FORK,
                        next.checkpoint().origin(),
                        "the entries do not lead to the root that was signed for " + next.size() + " commits",
                        last,
                        Optional.of(next));
            }
        }

        private LogFinding changed(State next, long from, long to, List<byte[]> bundle) {
            Map<String, byte[]> evidence = new LinkedHashMap<>();
            evidence.put("checkpoint.txt", next.note().encoded());
            evidence.put("entries.bin", EntryBundle.encode(bundle));
            return new LogFinding(
                    LogFinding.Kind.CHANGED_ENTRY,
                    next.checkpoint().origin(),
                    "the entries of the commits " + (from + 1) + " to " + to + " are not those of the tree",
                    evidence);
        }

        private void check(List<byte[]> bundle, long first, State next) {
            List<LogEntry> entries = new ArrayList<>(bundle.size());
            for (int i = 0; i < bundle.size(); i++) {
                if (full) {
                    keep(first + i, LogHash.leaf(bundle.get(i)));
                }
                LogEntry entry = decode(bundle.get(i), first + i, next);
                if (entry != null) {
                    entries.add(entry);
                    note(entry.key());
                }
            }
            checks.check(entries);
            checked += bundle.size();
            progress.accept(checked);
        }

        private LogEntry decode(byte[] encoded, long leaf, State next) {
            String fault;
            try {
                LogEntry entry = LogEntry.decode(encoded);
                if (entry.leaf() == leaf) {
                    return entry;
                }
                fault = "commit " + (leaf + 1) + " calls itself commit " + entry.sequence();
            } catch (LogFormatException e) {
                fault = "commit " + (leaf + 1) + " is no entry: " + e.getMessage();
            }
            found(new LogFinding(
                    LogFinding.Kind.CHANGED_ENTRY,
                    next.checkpoint().origin(),
                    fault,
                    Map.of("checkpoint.txt", next.note().encoded(), "entry.bin", encoded)));
            return null;
        }

        private void note(RecordKey key) {
            if (full && key.kind() == RecordKind.PREFIX) {
                Prefix prefix = Prefix.of(key.scheme(), key.identifier());
                if (prefixes.stream().noneMatch(known -> known.covers(prefix))) {
                    prefixes.removeIf(prefix::covers);
                    prefixes.add(prefix);
                }
            }
        }

        private void keep(long leaf, byte[] hash) {
            int within = (int) (leaf % CHUNK);
            if (within == 0) {
                leaves.add(new long[CHUNK]);
            }
            leaves.get((int) (leaf / CHUNK))[within] = start(hash);
        }

        private static long start(byte[] hash) {
            return ByteBuffer.wrap(hash).getLong();
        }

        /** Walks over all that the node has under the prefixes of its log. */
        private void requireNoOthers(State next) throws WrongLogException {
            UnloggedRecords others = new UnloggedRecords(records, next.size(), this::isLeaf);
            for (Prefix prefix : prefixes) {
                others.walk(prefix, this::found);
            }
            requireLogged(others.later(), next);
        }

        private boolean isLeaf(LogEntry entry) {
            long leaf = entry.leaf();
            return leaves.get((int) (leaf / CHUNK))[(int) (leaf % CHUNK)] == start(LogHash.leaf(entry.encoded()));
        }

        /** What was committed while this went on has to be in the log soon. */
        private void requireLogged(List<UnloggedRecords.Candidate> later, State next) throws WrongLogException {
            if (later.isEmpty()) {
                return;
            }
            long until = System.nanoTime() + PATIENCE.toNanos();
            State newer = log.next(Optional.of(next));
            long size = later.stream()
                    .mapToLong(UnloggedRecords.Candidate::sequence)
                    .max()
                    .orElseThrow();
            while (newer.size() < size && System.nanoTime() < until) {
                pause();
                newer = log.next(Optional.of(newer));
            }
            for (UnloggedRecords.Candidate candidate : later) {
                if (!isLogged(candidate, newer)) {
                    found(candidate.finding(newer.note()));
                }
            }
        }

        private boolean isLogged(UnloggedRecords.Candidate candidate, State newer) {
            if (candidate.sequence() > newer.size()) {
                return false;
            }
            try {
                byte[] entry = new LogTiles(source, newer.size())
                        .entries(candidate.sequence() - 1)
                        .get(0);
                return candidate.isSaidBy(entry);
            } catch (LogFormatException e) {
                return false;
            }
        }

        private static void pause() {
            try {
                Thread.sleep(200);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new NodeErrorException("interrupted while the node was given time to log a commit");
            }
        }
    }
}
