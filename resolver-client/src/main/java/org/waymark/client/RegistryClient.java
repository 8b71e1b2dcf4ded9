package org.waymark.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyId;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RefusalReason;
import org.waymark.v1.RegisterResult;

/**
 * Registers records. Registering is safe to repeat: the same signed bytes again change nothing, so what a node could not store,
 * and what was under way when a connection ended or time ran out, is sent again as it is, a bounded number of times.
 *
 * <p>Safe for use by many threads. The futures complete exceptionally with a {@link WaymarkException}; that a record is refused is
 * no exception but a {@link Registration}.
 */
public final class RegistryClient {

    private static final BackOff REPEATS = new BackOff(5, Duration.ofMillis(100));

    /** Sent again after it lost against another writer so many times. */
    private static final int REBUILDS = 3;

    private final NodeClient nodes;
    private final RecordSource source;
    private final Executor executor;

    /** A client over this one, which stays the caller's to close. Signs on threads that all clients share. */
    public RegistryClient(NodeClient nodes) {
        this(nodes, SharedWorkers.get());
    }

    /** A client over this one, which stays the caller's to close. Signs on this executor. */
    public RegistryClient(NodeClient nodes, Executor executor) {
        this.nodes = nodes;
        this.source = new RecordSource(nodes, executor, REPEATS);
        this.executor = executor;
    }

    /** Registers a signed record. */
    public CompletableFuture<Registration> register(IdentifierRecord record) {
        return register(List.of(record)).thenApply(results -> results.get(0));
    }

    /** Registers signed records, each by itself; the results are in their order. */
    public CompletableFuture<List<Registration>> register(List<IdentifierRecord> records) {
        Registration[] results = new Registration[records.size()];
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < results.length; i++) {
            places.add(i);
        }
        return send(records, places, results, 1).thenCompose(sent -> withHomes(records, results));
    }

    /** Says where the prefix is served, as far as the node knows, of records that it is not responsible for. */
    private CompletableFuture<List<Registration>> withHomes(List<IdentifierRecord> records, Registration[] results) {
        Map<Prefix, CompletableFuture<String>> homes = new HashMap<>();
        for (int i = 0; i < results.length; i++) {
            if (results[i].code() == RegisterResult.Code.NOT_RESPONSIBLE) {
                IdentifierRecord record = records.get(i);
                homes.computeIfAbsent(record.owner(), owner -> home(record.key()));
            }
        }
        if (homes.isEmpty()) {
            return CompletableFuture.completedFuture(List.of(results));
        }
        return CompletableFuture.allOf(homes.values().toArray(CompletableFuture[]::new))
                .thenApply(done -> IntStream.range(0, results.length)
                        .mapToObj(i -> results[i].code() == RegisterResult.Code.NOT_RESPONSIBLE
                                ? results[i].withMessage(
                                        homes.get(records.get(i).owner()).join())
                                : results[i])
                        .toList());
    }

    /** What the node's referral adds to its refusal; empty where it knows of none. */
    private CompletableFuture<String> home(RecordKey key) {
        return source.fetch(key, ResolveOptions.ALL, false)
                .thenApply(answer -> {
                    if (answer.outcome() != Outcome.REFERRAL) {
                        return "";
                    }
                    PrefixRecord prefix = PrefixRecord.of(RecordSource.record(key, answer.payload()));
                    String places = prefix.addresses().stream()
                            .map(address -> address.getFace() + " " + address.getHost() + ":" + address.getPort())
                            .collect(Collectors.joining(", "));
                    return "the node of " + prefix.prefix() + " is at " + places;
                })
                .exceptionally(failure -> "");
    }

    private CompletableFuture<Void> send(
            List<IdentifierRecord> records, List<Integer> places, Registration[] results, int attempt) {
        List<ByteString> encoded =
                places.stream().map(place -> records.get(place).encoded()).toList();
        return REPEATS.retrying(() -> nodes.register(encoded), RegistryClient::isRepeatable)
                .thenCompose(answers -> {
                    List<Integer> again = new ArrayList<>();
                    for (int i = 0; i < answers.size(); i++) {
                        int place = places.get(i);
                        results[place] = Registration.of(records.get(place).key(), answers.get(i));
                        if (answers.get(i).getCode() == RegisterResult.Code.RETRY) {
                            again.add(place);
                        }
                    }
                    if (again.isEmpty() || attempt == REPEATS.attempts()) {
                        return CompletableFuture.completedFuture(null);
                    }
                    return REPEATS.after(attempt).thenCompose(paused -> send(records, again, results, attempt + 1));
                });
    }

    /** True for a failure of a moment, after which the same records may be sent again: the node is away, busy or late, or fails. */
    public static boolean isRepeatable(Throwable failure) {
        return failure instanceof NodeUnavailableException
                || failure instanceof RequestTimeoutException
                || failure instanceof NodeBusyException
                || failure instanceof NodeErrorException;
    }

    /**
     * Makes the next version of each item, signs them in trees of 64, and registers them. An item whose current version says the
     * same already is left as it is: UNCHANGED. When another writer comes in between, the version is made anew after the other's.
     *
     * @param key a key of the owner with the role RECORDS
     * @param owner the longest registered prefix above the items
     * @return one result an item, in their order
     */
    public CompletableFuture<List<Registration>> publish(SigningKey key, Prefix owner, List<ItemDraft> items) {
        CompletableFuture<PrefixRecord> ownerRecord = prefixRecord(owner)
                .thenApply(found -> found.orElseThrow(
                        () -> new NodeErrorException("the node has no record of the prefix " + owner)));
        List<CompletableFuture<Optional<IdentifierRecord>>> currents = items.stream()
                .map(item -> current(AnswerVerifier.itemKey(item.identifier())))
                .toList();
        return CompletableFuture.allOf(currents.toArray(CompletableFuture[]::new))
                .thenCombineAsync(ownerRecord, (read, prefix) -> prefix, executor)
                .thenCompose(prefix -> {
                    Registration[] results = new Registration[items.size()];
                    List<Pending> pending = new ArrayList<>();
                    for (int i = 0; i < results.length; i++) {
                        IdentifierRecord current = currents.get(i).join().orElse(null);
                        if (current != null && items.get(i).isSaidBy(current, prefix)) {
                            results[i] = unchanged(current);
                        } else {
                            pending.add(Pending.after(current, prefix, i, items.get(i)));
                        }
                    }
                    return publish(key, prefix, pending, results, 1);
                });
    }

    /** An item to be signed, its place among the results, and the version that it follows; digest null: none. */
    private record Pending(int place, ItemDraft item, long version, RecordDigest digest, long notBefore) {

        static Pending after(IdentifierRecord current, PrefixRecord owner, int place, ItemDraft item) {
            // Where the signer of the current version is not known here, the node's CONFLICT says what to follow.
            return Optional.ofNullable(current)
                    .flatMap(record -> owner.key(new KeyId(record.keyId())))
                    .map(signer -> new Pending(
                            place,
                            item,
                            current.version(),
                            current.digest(signer.key().suite().hash()),
                            current.issuedAt()))
                    .orElseGet(() -> new Pending(place, item, 0, null, current == null ? 0 : current.issuedAt()));
        }

        RecordDraft draft(PrefixRecord owner) {
            RecordDraft.Builder draft = item.toRecord(owner.prefix(), owner.epoch())
                    .issuedAt(Math.max(System.currentTimeMillis(), notBefore));
            return digest == null
                    ? draft.build()
                    : draft.following(version, digest).build();
        }
    }

    private CompletableFuture<List<Registration>> publish(
            SigningKey key, PrefixRecord owner, List<Pending> pending, Registration[] results, int attempt) {
        if (pending.isEmpty()) {
            return CompletableFuture.completedFuture(Arrays.asList(results));
        }
        List<IdentifierRecord> signed = new RecordSigner(key)
                .signAll(pending.stream().map(item -> item.draft(owner)).toList());
        return register(signed)
                .thenComposeAsync(
                        registrations -> {
                            List<Pending> again = new ArrayList<>();
                            for (int i = 0; i < registrations.size(); i++) {
                                Registration registration = registrations.get(i);
                                Pending item = pending.get(i);
                                results[item.place()] = registration;
                                if (registration.code() == RegisterResult.Code.CONFLICT
                                        && registration.currentDigest().isPresent()
                                        && attempt <= REBUILDS) {
                                    again.add(new Pending(
                                            item.place(),
                                            item.item(),
                                            registration.currentVersion(),
                                            registration.currentDigest().get(),
                                            item.notBefore()));
                                }
                            }
                            return publish(key, owner, again, results, attempt + 1);
                        },
                        executor);
    }

    private static Registration unchanged(IdentifierRecord current) {
        return new Registration(
                current.key(),
                RegisterResult.Code.UNCHANGED,
                RefusalReason.REFUSAL_REASON_UNSPECIFIED,
                "",
                "",
                0,
                current.version(),
                Optional.empty());
    }

    /**
     * Reads a prefix's record from the registry, as it is: not verified. Also one that is revoked. Empty where the node has none.
     */
    public CompletableFuture<Optional<PrefixRecord>> prefixRecord(Prefix prefix) {
        return current(PrefixChains.key(prefix)).thenApply(record -> record.map(PrefixRecord::of));
    }

    /**
     * The longest prefix above an identifier that the node has a record of. Empty where it has none.
     */
    public CompletableFuture<Optional<Prefix>> owner(Identifier identifier) {
        return owner(identifier.ladder(), 0);
    }

    private CompletableFuture<Optional<Prefix>> owner(List<Prefix> ladder, int rung) {
        if (rung == ladder.size()) {
            return CompletableFuture.completedFuture(Optional.empty());
        }
        return prefixRecord(ladder.get(rung))
                .thenCompose(record -> record.isPresent()
                        ? CompletableFuture.completedFuture(Optional.of(ladder.get(rung)))
                        : owner(ladder, rung + 1));
    }

    /**
     * Reads the record of this very key, active or revoked, from the registry, as it is: not verified. Empty where the node has
     * none.
     */
    public CompletableFuture<Optional<IdentifierRecord>> current(RecordKey key) {
        return source.fetch(key, ResolveOptions.ALL, true).thenApply(answer -> {
            boolean isRecord = answer.outcome() == Outcome.RECORD
                    || answer.outcome() == Outcome.RECORD_REVOKED
                    || answer.outcome() == Outcome.REFERRAL && key.kind() == RecordKind.PREFIX;
            return isRecord
                    ? Optional.of(RecordSource.record(key, answer.payload()))
                            .filter(record -> record.key().equals(key))
                    : Optional.empty();
        });
    }
}
