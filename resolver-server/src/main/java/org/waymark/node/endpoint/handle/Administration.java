package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.waymark.identifier.Identifier;
import org.waymark.node.endpoint.handle.HandleRequest.Task;
import org.waymark.node.resolve.Authority;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.HandleKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;

/**
 * Changes records for registrants whose clients can't sign one: the node signs instead, with its own key, where the prefix record gives
 * that key the role ON_BEHALF. Who asks has to sign a challenge, with a key for RSA or DSA that stands in the same prefix record; nobody
 * else than that prefix administers what is under it, whatever values of type {@code HS_ADMIN} say. What is signed is the next version
 * of the record that was read, so that of two changes at once none is lost.
 *
 * <p>Safe for use by many threads. Signing and verifying have threads of their own.
 */
final class Administration implements AutoCloseable {

    static final String PUBLIC_KEY = "HS_PUBKEY";

    private static final int THREADS = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final int WAITING = 1_024;
    /** How often a record is read and signed again because another change came in between. */
    private static final int ATTEMPTS = 5;

    private static final int MOST_HASH_NAME_BYTES = 16;

    private final Authority authority;
    private final SigningKey key;
    private final RecordSigner signer;
    private final Clock clock;
    private final PendingChallenges challenges = new PendingChallenges();
    private final ThreadPoolExecutor threads;

    /** What is to be answered. */
    sealed interface Result {

        /** Prove who you are. Nobody changes the arrays. */
        record Challenge(int sessionId, byte[] digest, byte[] nonce) implements Result {}

        /**
         * It is done, durably.
         *
         * @param opCode what was asked for before the challenge
         * @param handle nobody changes it
         */
        record Done(int opCode, byte[] handle, RegisterResult.Code code) implements Result {}

        /**
         * It is not done.
         *
         * @param opCode what was asked for before the challenge
         */
        record Refused(int opCode, ResponseCode code, String message) implements Result {}

        /** Another node is to be asked, or nobody. */
        record Elsewhere(StoredAnswer answer) implements Result {}
    }

    /**
     * @param key that prefix records may name with the role ON_BEHALF
     */
    Administration(Authority authority, SigningKey key, Clock clock) {
        this.authority = authority;
        this.key = key;
        this.signer = new RecordSigner(key);
        this.clock = clock;
        AtomicInteger number = new AtomicInteger();
        threads = new ThreadPoolExecutor(
                THREADS, THREADS, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), task -> {
                    Thread thread = new Thread(task, "handle-administration-" + number.incrementAndGet());
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
    }

    /**
     * Takes a change: where this node could carry it out, the answer is a challenge. Does not block.
     *
     * @return completes exceptionally where the registry can't be asked or too many wait
     */
    CompletableFuture<Result> challenge(HandleRequest request, Task.Change change, InetAddress source) {
        RecordKey item;
        try {
            item = HandleNames.key(request.handle());
        } catch (IllegalArgumentException e) {
            return refused(request.opCode(), ResponseCode.INVALID_IDENTIFIER, e.getMessage());
        }
        if (item.kind() == RecordKind.PREFIX) {
            return refused(
                    request.opCode(),
                    ResponseCode.ACCESS_DENIED,
                    "the record of a prefix is signed by the prefix above it, not by this node");
        }
        return authority
                .read(item)
                .thenComposeAsync(answer -> challenge(request, change, source, item, answer), threads);
    }

    private CompletableFuture<Result> challenge(
            HandleRequest request, Task.Change change, InetAddress source, RecordKey item, StoredAnswer answer) {
        boolean isHere = answer.outcome() == Outcome.RECORD
                || answer.outcome() == Outcome.RECORD_REVOKED
                || answer.outcome() == Outcome.NOT_FOUND;
        if (!isHere) {
            return CompletableFuture.completedFuture(new Result.Elsewhere(answer));
        }
        return owner(answer.owner())
                .thenApplyAsync(
                        owner -> {
                            try {
                                requireGrant(owner);
                            } catch (RefusedException e) {
                                return refusal(request.opCode(), e);
                            }
                            PendingChallenges.Pending pending =
                                    challenges.add(source, request, change, item, answer.owner(), System.nanoTime());
                            return new Result.Challenge(pending.sessionId(), change.digest(), pending.nonce());
                        },
                        threads);
    }

    private CompletableFuture<PrefixRecord> owner(RecordKey ownerKey) {
        return authority.read(ownerKey).thenApply(answer -> {
            IdentifierRecord record = record(answer);
            if (answer.outcome() != Outcome.RECORD || !record.key().equals(ownerKey)) {
                throw new CompletionException(new RefusedException(
                        ResponseCode.ACCESS_DENIED, ownerKey + " is revoked, or a prefix above it"));
            }
            return PrefixRecord.of(record);
        });
    }

    private static IdentifierRecord record(StoredAnswer answer) {
        return IdentifierRecord.parse(ByteString.copyFrom(answer.payload()));
    }

    private void requireGrant(PrefixRecord owner) throws RefusedException {
        boolean granted = owner.key(key.id())
                .filter(named -> named.isActive() && named.has(KeyRole.ON_BEHALF))
                .isPresent();
        if (!granted) {
            throw new RefusedException(
                    ResponseCode.ACCESS_DENIED,
                    owner.prefix()
                            + " does not allow this node to sign on its behalf: its record does not name the key "
                            + key.id() + " with the role ON_BEHALF");
        }
    }

    /** Takes the answer to a challenge: where it proves what it should, the change is made. Does not block. */
    CompletableFuture<Result> answer(HandleRequest request, Task.ChallengeAnswer answer, InetAddress source) {
        PendingChallenges.Taken taken = challenges.take(request.sessionId(), source, answer, System.nanoTime());
        if (taken == null) {
            return refused(
                    request.opCode(),
                    ResponseCode.AUTHENTICATION_TIMEOUT,
                    "no challenge waits for this answer; each is good for one, for "
                            + PendingChallenges.LIFE_NANOS / 1_000_000_000 + " seconds");
        }
        if (taken.pending() != null) {
            carryOut(taken.pending(), answer).whenComplete((result, fault) -> {
                if (fault == null) {
                    taken.result().complete(result);
                } else {
                    taken.result().completeExceptionally(fault);
                }
            });
        }
        return taken.result();
    }

    private CompletableFuture<Result> carryOut(PendingChallenges.Pending pending, Task.ChallengeAnswer answer) {
        int opCode = pending.request().opCode();
        return owner(pending.owner())
                .thenComposeAsync(
                        owner -> {
                            try {
                                authenticate(pending, answer, owner);
                                requireGrant(owner);
                            } catch (RefusedException e) {
                                return CompletableFuture.completedFuture(refusal(opCode, e));
                            }
                            return apply(pending, owner, Optional.empty(), 1);
                        },
                        threads)
                .exceptionally(fault -> {
                    Throwable cause =
                            fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
                    if (cause instanceof RefusedException refused) {
                        return refusal(opCode, refused);
                    }
                    throw new CompletionException(cause);
                });
    }

    /** Throws where the answer does not prove that who sent it holds a key of the owner. */
    private static void authenticate(PendingChallenges.Pending pending, Task.ChallengeAnswer answer, PrefixRecord owner)
            throws RefusedException {
        String index = Integer.toUnsignedString(answer.keyIndex());
        RecordKey named;
        try {
            named = HandleNames.key(answer.keyHandle());
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    ResponseCode.INVALID_ADMINISTRATOR, "the administrator's name is none: " + e.getMessage());
        }
        if (!named.equals(pending.owner())) {
            throw new RefusedException(
                    ResponseCode.INVALID_ADMINISTRATOR,
                    "the administrator of " + pending.item() + " is a key of "
                            + HandleNames.prefixQuery(pending.owner()) + ", not one of " + named);
        }
        ByteString encoded = owner.handleKeys().get(Integer.toUnsignedLong(answer.keyIndex()));
        if (!answer.type().equals(PUBLIC_KEY) || encoded == null) {
            throw new RefusedException(
                    ResponseCode.UNABLE_TO_AUTHENTICATE,
                    answer.type().equals(PUBLIC_KEY)
                            ? "the record of " + owner.prefix() + " has no " + PUBLIC_KEY + " at index " + index
                            : "keys of the type " + PUBLIC_KEY + " are known, not " + answer.type());
        }
        HandleKey handleKey;
        try {
            handleKey = HandleKey.decode(encoded);
        } catch (IllegalArgumentException e) {
            throw new RefusedException(
                    ResponseCode.UNABLE_TO_AUTHENTICATE,
                    "the key at index " + index + " can't be used: " + e.getMessage());
        }
        if (!verifies(handleKey, pending, answer.proof())) {
            throw new RefusedException(
                    ResponseCode.AUTHENTICATION_FAILED,
                    "the challenge is not signed by the key at index " + index + " of " + owner.prefix());
        }
    }

    /** The proof is the name of a hash, and a signature of nonce and digest, each with its length. */
    private static boolean verifies(HandleKey key, PendingChallenges.Pending pending, byte[] proof)
            throws RefusedException {
        ByteBuffer in = ByteBuffer.wrap(proof);
        byte[] hash = part(in, MOST_HASH_NAME_BYTES);
        byte[] signature = hash == null ? null : part(in, proof.length);
        if (signature == null) {
            return false;
        }
        String name = new String(hash, StandardCharsets.US_ASCII);
        if (!HandleKey.knowsHash(name)) {
            throw new RefusedException(
                    ResponseCode.UNABLE_TO_AUTHENTICATE, "signatures over SHA-256, SHA-384 and SHA-512 are known");
        }
        byte[] digest = pending.change().digest();
        byte[] signed = ByteBuffer.allocate(pending.nonce().length + digest.length)
                .put(pending.nonce())
                .put(digest)
                .array();
        return key.verifies(name, signed, signature);
    }

    private static byte[] part(ByteBuffer in, int most) {
        int length = in.remaining() < Integer.BYTES ? -1 : in.getInt();
        if (length < 0 || length > most || length > in.remaining()) {
            return null;
        }
        byte[] part = new byte[length];
        in.get(part);
        return part;
    }

    /**
     * Reads the record, makes its next version, and registers that; again where another change came in between.
     *
     * @param unseen a version that is stored and does not resolve, which the next one has to follow
     */
    private CompletableFuture<Result> apply(
            PendingChallenges.Pending pending, PrefixRecord owner, Optional<RegisterResult> unseen, int attempt) {
        return authority
                .read(pending.item())
                .thenComposeAsync(
                        answer -> {
                            IdentifierRecord next;
                            try {
                                next = next(pending, owner, answer, unseen);
                            } catch (RefusedException e) {
                                return CompletableFuture.completedFuture(
                                        refusal(pending.request().opCode(), e));
                            }
                            return authority
                                    .register(List.of(next.encoded()))
                                    .thenCompose(results -> registered(pending, owner, results.get(0), attempt));
                        },
                        threads);
    }

    private IdentifierRecord next(
            PendingChallenges.Pending pending, PrefixRecord owner, StoredAnswer answer, Optional<RegisterResult> unseen)
            throws RefusedException {
        IdentifierRecord before = switch (answer.outcome()) {
            case RECORD, RECORD_REVOKED -> record(answer);
            case NOT_FOUND -> null;
            default ->
                throw new RefusedException(
                        ResponseCode.NOT_RESPONSIBLE, pending.item() + " is no longer served by this node");
        };
        if (before != null && before.kind() != RecordKind.ITEM) {
            throw new RefusedException(
                    ResponseCode.ACCESS_DENIED,
                    "the record hangs on a revoked key or prefix; only a version that its registrant signs can follow");
        }
        Identifier identifier =
                Identifier.parse(pending.item().scheme(), pending.item().identifier());
        RecordDraft.Builder draft = NextVersion.of(pending.change().edit(), identifier, owner, before, clock.millis());
        if (before == null && unseen.isPresent()) {
            draft.following(
                    unseen.get().getCurrentVersion(),
                    new RecordDigest(unseen.get().getCurrentDigest()));
        }
        try {
            return signer.sign(draft.build());
        } catch (InvalidRecordException e) {
            throw new RefusedException(ResponseCode.INVALID_VALUE, e.getMessage());
        }
    }

    private CompletableFuture<Result> registered(
            PendingChallenges.Pending pending, PrefixRecord owner, RegisterResult result, int attempt) {
        int opCode = pending.request().opCode();
        return switch (result.getCode()) {
            case CREATED, UPDATED, UNCHANGED ->
                CompletableFuture.completedFuture(
                        new Result.Done(opCode, pending.request().handle(), result.getCode()));
            case CONFLICT ->
                attempt < ATTEMPTS
                        ? apply(pending, owner, Optional.of(result), attempt + 1)
                        : refused(
                                opCode, ResponseCode.BUSY, "the record changes all the time; try again after a while");
            case RETRY -> refused(opCode, ResponseCode.BUSY, result.getMessage());
            case NOT_RESPONSIBLE -> refused(opCode, ResponseCode.NOT_RESPONSIBLE, result.getMessage());
            case UNAUTHORISED ->
                refused(opCode, ResponseCode.ACCESS_DENIED, result.getField() + " " + result.getMessage());
            default -> refused(opCode, ResponseCode.INVALID_VALUE, result.getField() + " " + result.getMessage());
        };
    }

    private static Result refusal(int opCode, RefusedException refused) {
        return new Result.Refused(
                opCode, refused.refusal().code(), refused.refusal().message());
    }

    private static CompletableFuture<Result> refused(int opCode, ResponseCode code, String message) {
        return CompletableFuture.completedFuture(new Result.Refused(opCode, code, message));
    }

    /** Ends; what waits fails. */
    @Override
    public void close() {
        threads.shutdownNow();
    }
}
