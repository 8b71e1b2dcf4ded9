package org.waymark.client;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordKey;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RollbackException;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.TrustedPrefix;
import org.waymark.trust.VerificationException;
import org.waymark.trust.WrongIdentifierException;
import org.waymark.v1.HistoryEntry;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.wire.TlsFiles;

/**
 * Resolves identifiers and verifies the answers end to end, from the anchors that it was built with. Neither the node nor its
 * caches nor its operator have to be trusted with what a record says. That there is no record is the word of the node's key where it has one
 * ({@link Resolution.NotFound}).
 *
 * <p>Follows referrals from the node that it was built with through the tree to the node that answers, each verified before it is
 * followed. Where a prefix's node is known from before, it is asked at once; clients of nodes that were referred to are kept while they
 * are used. A node that a referral names and that does not answer is a {@link ReferralException}.
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

    private final NodeClient nodes;
    private final ReferredNodes referred;
    private final Routes routes;
    private final PrefixChains chains;
    private final ReferralWalk walk;
    private final AnswerVerifier verifier;
    private final Branches branches;
    private final AnswerCache cache;
    private final LongSupplier clock;

    private ResolverClient(Builder builder) {
        this.nodes = NodeClient.create(builder.nodes.build());
        this.referred =
                new ReferredNodes(nodes, builder::settings, builder.referredNodes, builder.referredIdle.toMillis());
        this.clock = builder.clock;
        this.routes = new Routes(
                new RecordSource(nodes, builder.executor, builder.whenBusy),
                addresses -> new RecordSource(referred.at(addresses), builder.executor, builder.whenBusy));
        SignatureVerifier signatures = new SignatureVerifier();
        SeenVersions seen = new SeenVersions(builder.rememberedVersions, builder.acceptedEpochs, signatures);
        this.chains = builder.verifying
                ? new PrefixChains(routes, builder.following, builder.anchors, seen, signatures, builder.clock)
                : null;
        this.verifier = new AnswerVerifier(
                chains, seen, signatures, builder.requiringProof, builder.refusingOnBehalf, builder.clock);
        this.branches = new Branches(builder.branchPause, builder.onBranchPause);
        this.walk = new ReferralWalk(verifier, chains, routes, branches, builder.following);
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
        return cached(options, walk.resolve(new ReferralWalk.Search(identifier, options, start, hop -> {})));
    }

    /**
     * Resolves an identifier and tells each step of the way as it is made; nothing is answered from this client's own answers.
     *
     * @param hops called by any thread, one call after the other; not to block
     */
    public CompletableFuture<Resolution> resolve(Identifier identifier, ResolveOptions options, Consumer<Hop> hops) {
        return cached(options, walk.resolve(new ReferralWalk.Search(identifier, options, System.nanoTime(), hops)));
    }

    private CompletableFuture<Resolution> cached(
            ResolveOptions options, CompletableFuture<AnswerVerifier.Verified> answer) {
        return answer.thenApply(verified -> {
            cache.put(options, verified);
            return verified.resolution();
        });
    }

    /**
     * Resolves for whoever passes the answer on: gives it as the node sent it, verified. Nothing is answered from this client's own answers,
     * and the answer is not kept among them. The record of a prefix is looked for at the node of the prefix above it.
     *
     * @param key canonical, of an item or of a prefix
     * @param authoritative passes the caches of the nodes
     * @throws org.waymark.identifier.InvalidIdentifierException if the key can't be one
     * @throws IllegalStateException if this client was built without verification
     */
    public CompletableFuture<VerifiedAnswer> fetch(RecordKey key, boolean authoritative) {
        if (chains == null) {
            throw new IllegalStateException("this client was built without verification");
        }
        long start = System.nanoTime();
        if (key.kind() == RecordKind.PREFIX) {
            return fetchPrefix(Prefix.of(key.scheme(), key.identifier()), authoritative, start);
        }
        Identifier identifier = Identifier.parse(key.scheme(), key.identifier());
        ResolveOptions options = authoritative ? ResolveOptions.ALL.authoritatively() : ResolveOptions.ALL;
        return walk.resolve(new ReferralWalk.Search(identifier, options, start, hop -> {}))
                .thenApply(verified -> passedOn(
                        verified.answer().outcome(),
                        verified.answer(),
                        chainOf(verified.resolution()),
                        verified.expiresNanos()));
    }

    private CompletableFuture<VerifiedAnswer> fetchPrefix(Prefix prefix, boolean authoritative, long start) {
        try {
            branches.enter(prefix.ladder(), routes);
        } catch (WaymarkException e) {
            return CompletableFuture.failedFuture(e);
        }
        return chains.located(prefix, authoritative, (from, answer) -> {
                    branches.answered(from.prefix());
                    return verifier.verify(prefix, answer, from.prefix(), authoritative);
                })
                .handle((verified, failure) -> {
                    if (failure == null) {
                        return CompletableFuture.completedFuture(passedOn(
                                verified.outcome(), verified.answer(), verified.chain(), verified.expiresNanos()));
                    }
                    branches.failed(RecordSource.unwrap(failure), start);
                    return CompletableFuture.<VerifiedAnswer>failedFuture(RecordSource.unwrap(failure));
                })
                .thenCompose(answer -> answer);
    }

    private VerifiedAnswer passedOn(Outcome outcome, RawAnswer answer, List<PrefixRecord> chain, long expiresNanos) {
        long life = Math.max(0, TimeUnit.NANOSECONDS.toMillis(expiresNanos - System.nanoTime()));
        return new VerifiedAnswer(
                outcome,
                answer.payload(),
                answer.stale(),
                answer.stale() ? 0 : life,
                answer.sequence(),
                chain.stream()
                        .map(link -> new VerifiedAnswer.Link(link, chains.lifeMillis(link.prefix())))
                        .toList());
    }

    private static List<PrefixRecord> chainOf(Resolution resolution) {
        if (resolution instanceof Resolution.Found found) {
            return found.chain();
        }
        if (resolution instanceof Resolution.Revoked revoked) {
            return revoked.chain();
        }
        if (resolution instanceof Resolution.Referral referral) {
            return referral.chain();
        }
        return resolution instanceof Resolution.NotFound notFound ? notFound.chain() : List.of();
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
        Map<Routes.Route, List<Identifier>> ways = new LinkedHashMap<>();
        for (Identifier identifier : asked) {
            ways.computeIfAbsent(walk.start(identifier, options), way -> new ArrayList<>())
                    .add(identifier);
        }
        ways.forEach((way, some) -> results.putAll(resolveAt(way, some, options, start)));
        return identifiers.stream().map(results::get).toList();
    }

    private Map<Identifier, CompletableFuture<Resolution>> resolveAt(
            Routes.Route way, List<Identifier> identifiers, ResolveOptions options, long start) {
        List<RecordKey> keys = identifiers.stream().map(AnswerVerifier::itemKey).toList();
        Set<RecordKey> withChain = identifiers.stream()
                .filter(walk::wantsChain)
                .map(AnswerVerifier::itemKey)
                .collect(Collectors.toSet());
        List<CompletableFuture<RawAnswer>> answers = way.source().fetchAll(keys, options, withChain::contains);
        Map<Identifier, CompletableFuture<Resolution>> results = new HashMap<>();
        for (int i = 0; i < keys.size(); i++) {
            Identifier identifier = identifiers.get(i);
            if (withChain.contains(keys.get(i))) {
                answers.get(i).whenComplete((answer, failure) -> walk.chainCame(identifier));
            }
            ReferralWalk.Search search = new ReferralWalk.Search(identifier, options, start, hop -> {});
            results.put(identifier, cached(options, walk.begun(search, way, answers.get(i))));
        }
        return results;
    }

    /** Resolves all values of many identifiers. */
    public List<CompletableFuture<Resolution>> resolveAll(Collection<Identifier> identifiers) {
        return resolveAll(identifiers, ResolveOptions.ALL);
    }

    /**
     * Reads all versions of a record, the oldest first. The newest one is verified like an answer, each earlier one by its digest
     * in the one after it. Empty where there is no record.
     */
    public CompletableFuture<List<HistoryVersion>> history(Identifier identifier) {
        RecordKey key = AnswerVerifier.itemKey(identifier);
        return node(identifier).thenCompose(way -> history(way.source(), key));
    }

    /** Reads all versions of a prefix record from the nodes that this client was built with, like those of an item. */
    public CompletableFuture<List<HistoryVersion>> history(Prefix prefix) {
        return history(routes.home().source(), PrefixChains.key(prefix));
    }

    private CompletableFuture<List<HistoryVersion>> history(RecordSource source, RecordKey key) {
        return source.history(key, 1).thenCompose(entries -> {
            List<HistoryVersion> versions =
                    entries.stream().map(entry -> version(key, entry)).toList();
            if (chains == null || versions.isEmpty()) {
                return CompletableFuture.completedFuture(versions);
            }
            requireLinked(versions);
            IdentifierRecord newest = versions.get(versions.size() - 1).record();
            return verifiedCurrent(newest, true).thenApply(verified -> versions);
        });
    }

    /** The way to the node that answers for an identifier. */
    private CompletableFuture<Routes.Route> node(Identifier identifier) {
        // What the record is, or why there is none, is for others to say: referrals that were followed are known then.
        return resolve(identifier).handle((resolution, failure) -> walk.start(identifier, ResolveOptions.ALL));
    }

    /** Verifies a current record from an anchor down. */
    private CompletableFuture<Void> verifiedCurrent(IdentifierRecord record, boolean fresh) {
        if (record.kind() == RecordKind.PREFIX) {
            return chains.verified(record, 0, fresh, Companions.NONE).thenApply(link -> null);
        }
        Identifier identifier = Identifier.parse(record.scheme(), record.key().identifier());
        return chains.trusted(record.owner(), fresh).thenApply(link -> {
            verifier.verify(identifier, record, link.trusted());
            return null;
        });
    }

    /**
     * Walks over what the nodes that this client was built with hold of a prefix and under it, and verifies it; follows no referral.
     * Begins to ask at once; where the walk is given up,
     * nothing has to be closed.
     */
    public RecordScan scan(Prefix prefix, ScanOptions options) {
        RecordKey key = PrefixChains.key(prefix);
        return new RecordScan(
                prefix,
                options.withHistory(),
                cursor -> routes.home().source().scan(key, cursor, options),
                chains == null ? null : this::verifyCurrent);
    }

    private void verifyCurrent(IdentifierRecord record) {
        try {
            await(verifiedCurrent(record, false));
        } catch (VerificationException e) {
            if (!ReferralWalk.mayBeOutdated(e)) {
                throw e;
            }
            await(verifiedCurrent(record, true));
        }
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
            RecordScan.requireLink(versions.get(i - 1).record(), versions.get(i).record());
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

    /** The client of the nodes that this one was built with, for what needs no verification. It closes with this one. */
    public NodeClient nodes() {
        return nodes;
    }

    /** Nodes that referrals led to and whose connections are kept. */
    int referredNodes() {
        return referred.size();
    }

    /** The same methods, blocking. */
    public BlockingResolverClient blocking() {
        return new BlockingResolverClient(this);
    }

    /** Closes the connections. Open requests fail. */
    @Override
    public void close() {
        referred.close();
        nodes.close();
    }

    /** Collects options. Not safe for use by many threads. */
    public static final class Builder {

        private final NodeClientOptions.Builder nodes = NodeClientOptions.builder();
        private final List<UnaryOperator<NodeClientOptions.Builder>> settings = new ArrayList<>();
        private final List<Anchor> anchors = new ArrayList<>();
        private final Map<Prefix, Long> acceptedEpochs = new HashMap<>();
        private boolean verifying = true;
        private boolean following = true;
        private boolean requiringProof = false;
        private boolean refusingOnBehalf = false;
        private int referredNodes = 64;
        private Duration referredIdle = Duration.ofMinutes(1);
        private Duration branchPause = Duration.ZERO;
        private Runnable onBranchPause = () -> {};
        private BackOff whenBusy = new BackOff(4, Duration.ofMillis(50));
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

        /** Adds a node that is spoken to over TLS; see {@link NodeClientOptions.Builder#tlsNode}. */
        public Builder tlsNode(String host, int port) {
            nodes.tlsNode(host, port);
            return this;
        }

        /**
         * What this client shows and believes where it speaks TLS, be it with the nodes that it is built with or with those that referrals
         * lead to; see {@link NodeClientOptions.Builder#tls}.
         */
        public Builder tls(TlsFiles files) {
            return setting(options -> options.tls(files));
        }

        /** Connections to the node in use: 1 to 64, 2 unless set. */
        public Builder connectionsPerNode(int connections) {
            return setting(options -> options.connectionsPerNode(connections));
        }

        /** How long connecting and greeting may take: 1 ms to 1 h, 2 s unless set. */
        public Builder connectTimeout(Duration timeout) {
            return setting(options -> options.connectTimeout(timeout));
        }

        /** How long one request may take: 1 ms to 1 h, 5 s unless set. A resolution may need several. */
        public Builder requestTimeout(Duration timeout) {
            return setting(options -> options.requestTimeout(timeout));
        }

        /** Name and version of the software, for the operators of nodes: at most 128 bytes. */
        public Builder agent(String name) {
            return setting(options -> options.agent(name));
        }

        /** Of the nodes that the client is built with, and of those that referrals lead to. */
        private Builder setting(UnaryOperator<NodeClientOptions.Builder> setting) {
            setting.apply(nodes);
            settings.add(setting);
            return this;
        }

        private NodeClientOptions.Builder settings(NodeClientOptions.Builder options) {
            settings.forEach(setting -> setting.apply(options));
            return options;
        }

        /**
         * Whether referrals are followed to the node that answers; unless set, they are. Where not, they are what a look-up ends with
         * ({@link Resolution.Referral}), as they are in any case where the node has no address of the face "waymark" or "waymark-tls".
         */
        public Builder followReferrals(boolean follow) {
            following = follow;
            return this;
        }

        /**
         * Refuses the answer that there is no record wherever it is not signed
         * ({@link org.waymark.trust.UnprovenAbsenceException}). Unless set, it may be unsigned where the prefix records from the owner's to
         * that of the serving node name no key for it: then it is the node's word, and {@link Resolution.NotFound#isProven} says so.
         */
        public Builder requireProofOfAbsence() {
            requiringProof = true;
            return this;
        }

        /**
         * Refuses records that a node signed on a registrant's behalf, though the registrant's prefix record allows it to
         * ({@link org.waymark.trust.OnBehalfException}). Unless set they verify, and {@link Resolution.Found#isOnBehalf} tells.
         */
        public Builder refuseOnBehalf() {
            refusingOnBehalf = true;
            return this;
        }

        /** Nodes that referrals lead to and that are connected to at a time: 1 to 10,000; 64 unless set. */
        public Builder referredNodes(int nodes) {
            if (nodes < 1 || nodes > 10_000) {
                throw new IllegalArgumentException("referredNodes must be 1 to 10000, not " + nodes);
            }
            referredNodes = nodes;
            return this;
        }

        /** After how long without a request the connections to such a node are closed: 1 ms to 1 h, 1 minute unless set. */
        public Builder referredIdle(Duration idle) {
            if (idle.compareTo(Duration.ofMillis(1)) < 0 || idle.compareTo(Duration.ofHours(1)) > 0) {
                throw new IllegalArgumentException("referredIdle must be 1 ms to 1 h, not " + idle);
            }
            referredIdle = idle;
            return this;
        }

        /**
         * For a client that asks on behalf of many: a node that gave no answer is not asked, nor connected to, again before a pause is over,
         * and then by one look-up first. Meanwhile look-ups under its prefix fail at once, with a {@link ReferralException}, or a
         * {@link NodeUnavailableException} where it is one that the client was built with. Nor is anything asked again because a node
         * is busy. Unless set, each look-up tries by itself.
         *
         * @param pause 1 ms to 1 h
         * @param onPause told of each pause that begins; called by any thread, not to block
         */
        public Builder branchBackOff(Duration pause, Runnable onPause) {
            setting(options -> options.firstBackOff(pause).longestBackOff(pause));
            branchPause = pause;
            onBranchPause = onPause;
            whenBusy = new BackOff(1, Duration.ofMillis(50));
            return this;
        }

        /** Asks the nodes to answer by themselves, also where they are set up to ask other nodes; see {@code resolver.proto}. */
        public Builder withoutRecursion() {
            return setting(NodeClientOptions.Builder::withoutRecursion);
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
