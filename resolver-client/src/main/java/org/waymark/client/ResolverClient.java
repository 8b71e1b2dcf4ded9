package org.waymark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.RollbackException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.VerificationException;
import org.waymark.trust.WrongEpochException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.trust.WrongOwnerException;
import org.waymark.trust.WrongRoleException;
import org.waymark.v1.HistoryEntry;

/**
 * Resolves identifiers and verifies the answers end to end, from the anchors that it was built with. Neither the node nor its
 * caches nor its operator have to be trusted with what a record says; that there is no record is the node's word.
 *
 * <p>It remembers the newest version of what it has seen, so that an older one is refused
 * ({@link RollbackException}), and so are new keys of a prefix that did not consent to them
 * ({@link org.waymark.trust.TakeoverException}, {@link org.waymark.trust.MissingConsentException}). The memory lasts as long as the
 * client.
 *
 * <p>Safe for use by many threads. The futures complete on the executor, exceptionally with a {@link WaymarkException} where no
 * answer came and with a {@link VerificationException} where it does not verify.
 */
public final class ResolverClient implements AutoCloseable {

    private static final BackOff WHEN_BUSY = new BackOff(4, Duration.ofMillis(50));

    private final NodeClient nodes;
    private final RecordSource source;
    private final PrefixChains chains;
    private final AnswerVerifier verifier;
    private final AnswerCache cache;
    private final LongSupplier clock;

    private ResolverClient(Builder builder) {
        this.nodes = NodeClient.create(builder.nodes.build());
        this.source = new RecordSource(nodes, builder.executor, WHEN_BUSY);
        this.clock = builder.clock;
        SignatureVerifier signatures = new SignatureVerifier();
        SeenVersions seen = new SeenVersions(builder.rememberedVersions, builder.acceptedEpochs, signatures);
        this.chains =
                builder.verifying ? new PrefixChains(source, builder.anchors, seen, signatures, builder.clock) : null;
        this.verifier = new AnswerVerifier(chains, seen, builder.clock);
        this.cache = new AnswerCache(builder.cachedAnswers);
    }

    public static Builder builder() {
        return new Builder();
    }

    /** Resolves all values of an identifier. */
    public CompletableFuture<Resolution> resolve(Identifier identifier) {
        return resolve(identifier, ResolveOptions.ALL);
    }

    /** Resolves an identifier. */
    public CompletableFuture<Resolution> resolve(Identifier identifier, ResolveOptions options) {
        long start = System.nanoTime();
        Optional<Resolution> kept = cache.get(identifier, options, start);
        if (kept.isPresent()) {
            return CompletableFuture.completedFuture(kept.get());
        }
        return verified(
                identifier,
                options,
                start,
                source.fetch(AnswerVerifier.itemKey(identifier), options, options.authoritative()));
    }

    /**
     * Resolves many identifiers, as many at a time as the node allows. Each answer, or failure, is one future, in the order of the
     * identifiers.
     */
    public List<CompletableFuture<Resolution>> resolveAll(Collection<Identifier> identifiers, ResolveOptions options) {
        long start = System.nanoTime();
        Map<Identifier, CompletableFuture<Resolution>> results = new HashMap<>();
        List<Identifier> asked = new ArrayList<>();
        for (Identifier identifier : new LinkedHashSet<>(identifiers)) {
            if (options.authoritative()) {
                results.put(identifier, resolve(identifier, options));
                continue;
            }
            cache.get(identifier, options, start)
                    .ifPresentOrElse(
                            kept -> results.put(identifier, CompletableFuture.completedFuture(kept)),
                            () -> asked.add(identifier));
        }
        List<RecordKey> keys = asked.stream().map(AnswerVerifier::itemKey).toList();
        List<CompletableFuture<RawAnswer>> answers = source.fetchAll(keys, options);
        for (int i = 0; i < asked.size(); i++) {
            results.put(asked.get(i), verified(asked.get(i), options, start, answers.get(i)));
        }
        return identifiers.stream().map(results::get).toList();
    }

    /** Resolves all values of many identifiers. */
    public List<CompletableFuture<Resolution>> resolveAll(Collection<Identifier> identifiers) {
        return resolveAll(identifiers, ResolveOptions.ALL);
    }

    private CompletableFuture<Resolution> verified(
            Identifier identifier, ResolveOptions options, long start, CompletableFuture<RawAnswer> first) {
        return first.thenCompose(answer -> verifier.verify(identifier, answer, options.authoritative(), start))
                .exceptionallyCompose(failure -> mayBeOutdated(RecordSource.unwrap(failure))
                        ? source.fetch(AnswerVerifier.itemKey(identifier), options, true)
                                .thenCompose(answer -> verifier.verify(identifier, answer, true, start))
                        : CompletableFuture.failedFuture(RecordSource.unwrap(failure)))
                .thenApply(verified -> {
                    cache.put(options, verified);
                    return verified.resolution();
                });
    }

    /** True where an answer, or a prefix record that is kept, may only be older than a change that was made since. */
    private static boolean mayBeOutdated(Throwable failure) {
        return failure instanceof UnknownKeyException
                || failure instanceof WrongEpochException
                || failure instanceof RevokedKeyException
                || failure instanceof WrongRoleException
                || failure instanceof WrongOwnerException
                || failure instanceof RollbackException;
    }

    /**
     * Reads all versions of a record, the oldest first. The newest one is verified like an answer, each earlier one by its digest
     * in the one after it. Empty where there is no record.
     */
    public CompletableFuture<List<HistoryVersion>> history(Identifier identifier) {
        RecordKey key = AnswerVerifier.itemKey(identifier);
        return source.history(key, 1).thenCompose(entries -> {
            List<HistoryVersion> versions =
                    entries.stream().map(entry -> version(key, entry)).toList();
            if (chains == null || versions.isEmpty()) {
                return CompletableFuture.completedFuture(versions);
            }
            requireLinked(versions);
            IdentifierRecord newest = versions.get(versions.size() - 1).record();
            return chains.trusted(newest.owner(), true).thenApply(link -> {
                link.trusted().verify(identifier, newest, clock.getAsLong());
                return versions;
            });
        });
    }

    private static HistoryVersion version(RecordKey key, HistoryEntry entry) {
        IdentifierRecord record = RecordSource.record(key, entry.getRecord());
        if (!record.key().equals(key)) {
            throw new WrongIdentifierException("asked for " + key + ", got a record of " + record.key());
        }
        return new HistoryVersion(record, entry.getSequence(), Instant.ofEpochMilli(entry.getCommittedAt()));
    }

    private static void requireLinked(List<HistoryVersion> versions) {
        if (versions.get(0).record().version() != 1) {
            throw new TamperedRecordException(
                    "the history starts at " + versions.get(0).record());
        }
        for (int i = 1; i < versions.size(); i++) {
            IdentifierRecord before = versions.get(i - 1).record();
            IdentifierRecord next = versions.get(i).record();
            if (!SeenVersions.follows(before, next)) {
                throw new TamperedRecordException(next + " does not follow the version before it in the history");
            }
            RecordDigest digest = next.previous().orElseThrow();
            boolean intact;
            try {
                intact = before.valuesMatchRoot(digest.hash());
            } catch (InvalidRecordException e) {
                intact = false;
            }
            if (!intact) {
                throw new TamperedRecordException("the values of " + before + " are not those that were signed");
            }
        }
    }

    /**
     * Verifies a prefix's record and those above it, up to an anchor.
     *
     * @throws IllegalStateException if this client was built without verification
     */
    public CompletableFuture<TrustedPrefix> trust(Prefix prefix) {
        if (chains == null) {
            throw new IllegalStateException("this client was built without verification");
        }
        return chains.trusted(prefix, false).thenApply(PrefixChains.Link::trusted);
    }

    /** The client below, for what needs no verification. It closes with this one. */
    public NodeClient nodes() {
        return nodes;
    }

    /** The same methods, blocking. */
    public BlockingResolverClient blocking() {
        return new BlockingResolverClient(this);
    }

    /** Closes the connections. Open requests fail. */
    @Override
    public void close() {
        nodes.close();
    }

    /** Collects options. Not safe for use by many threads. */
    public static final class Builder {

        private final NodeClientOptions.Builder nodes = NodeClientOptions.builder();
        private final List<Anchor> anchors = new ArrayList<>();
        private final Map<Prefix, Long> acceptedEpochs = new HashMap<>();
        private boolean verifying = true;
        private int cachedAnswers = 10_000;
        private int rememberedVersions = 100_000;
        private Executor executor = SharedWorkers.get();
        private LongSupplier clock = System::currentTimeMillis;

        private Builder() {}

        /** Adds a node; see {@link NodeClientOptions.Builder#node}. */
        public Builder node(String host, int port) {
            nodes.node(host, port);
            return this;
        }

        /** Adds nodes; see {@link NodeClientOptions.Builder#nodes}. */
        public Builder nodes(String list) {
            nodes.nodes(list);
            return this;
        }

        /** Connections to the node in use: 1 to 64, 2 unless set. */
        public Builder connectionsPerNode(int connections) {
            nodes.connectionsPerNode(connections);
            return this;
        }

        /** How long connecting and greeting may take: 1 ms to 1 h, 2 s unless set. */
        public Builder connectTimeout(Duration timeout) {
            nodes.connectTimeout(timeout);
            return this;
        }

        /** How long one request may take: 1 ms to 1 h, 5 s unless set. A resolution may need several. */
        public Builder requestTimeout(Duration timeout) {
            nodes.requestTimeout(timeout);
            return this;
        }

        /** Adds a place where trust starts. There may be several, also for one prefix. */
        public Builder anchor(Anchor anchor) {
            anchors.add(anchor);
            return this;
        }

        /**
         * Believes whatever the node answers. Anybody between the signer and this client can then make up, change and hide records:
         * only for looking at what a node holds.
         */
        public Builder withoutVerification() {
            verifying = false;
            return this;
        }

        /**
         * Accepts that the keys of a prefix were replaced without its consent, up to this epoch.
         *
         * @param epoch 1 or more
         */
        public Builder acceptEpoch(Prefix prefix, long epoch) {
            if (epoch < 1) {
                throw new IllegalArgumentException("an epoch must be 1 or more, not " + epoch);
            }
            acceptedEpochs.put(prefix, epoch);
            return this;
        }

        /** Verified answers that are kept while their life lasts: 0 (none) to 10,000,000; 10,000 unless set. */
        public Builder cachedAnswers(int answers) {
            cachedAnswers = inRange("cachedAnswers", answers, 0);
            return this;
        }

        /** Identifiers, and prefixes, whose newest version is remembered: 1 to 10,000,000; 100,000 unless set. */
        public Builder rememberedVersions(int versions) {
            rememberedVersions = inRange("rememberedVersions", versions, 1);
            return this;
        }

        /**
         * Where answers are verified and futures complete, so what hangs on them must not block there. Unless set, a few threads that all
         * clients of the process share.
         */
        public Builder executor(Executor where) {
            executor = where;
            return this;
        }

        /** UTC epoch milliseconds, for tests. */
        Builder clock(LongSupplier millis) {
            clock = millis;
            return this;
        }

        /**
         * @throws IllegalArgumentException if there is no node, or no anchor while verification is on
         */
        public ResolverClient build() {
            if (verifying && anchors.isEmpty()) {
                throw new IllegalArgumentException(
                        "at least one anchor is needed to verify answers; withoutVerification() does without");
            }
            return new ResolverClient(this);
        }

        private static int inRange(String what, int number, int lowest) {
            int highest = 10_000_000;
            if (number < lowest || number > highest) {
                throw new IllegalArgumentException(what + " must be " + lowest + " to " + highest + ", not " + number);
            }
            return number;
        }
    }

    /** Waits for a future for as long as it takes; its requests have time limits of their own. */
    static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(1, TimeUnit.HOURS);
        } catch (java.util.concurrent.ExecutionException e) {
            if (e.getCause() instanceof RuntimeException failure) {
                throw failure;
            }
            throw new IllegalStateException(e.getCause());
        } catch (java.util.concurrent.TimeoutException e) {
            throw new RequestTimeoutException("no answer within an hour");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ClientClosedException("interrupted while waiting for an answer");
        }
    }
}
