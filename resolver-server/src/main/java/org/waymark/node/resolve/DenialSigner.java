package org.waymark.node.resolve;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Homes;
import org.waymark.node.registry.PrefixChain;
import org.waymark.node.registry.PrefixTable;
import org.waymark.record.RecordKey;
import org.waymark.trust.AbsenceDenial;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.SigningKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Denial;
import org.waymark.v1.DenialStatement;
import org.waymark.v1.KeyRole;
import org.waymark.v1.Outcome;

/**
 * Signs that there is no record, on a thread of its own: what waits for it shares a signature, so that a flood of names that nobody
 * registered costs few of them. What finds the queue full is told to come again. Safe for use by many threads.
 */
public final class DenialSigner implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DenialSigner.class);

    private static final int WAITING = 8_192;

    private final SigningKey key;
    private final PrefixTable prefixes;
    private final Homes homes;
    private final int ttlSeconds;
    private final Clock clock;
    private final BlockingQueue<Pending> queue;
    private final Thread thread = new Thread(this::work, "denial-signer");
    private final AtomicBoolean warned = new AtomicBoolean();
    private volatile boolean closed;

    private record Pending(
            RecordKey key,
            PrefixRecord owner,
            Prefix signer,
            StoredAnswer answer,
            CompletableFuture<StoredAnswer> result) {}

    /**
     * @param key what it signs with, where a prefix record names it with the role NODE
     * @param ttlSeconds how long a denial may be kept
     */
    public DenialSigner(SigningKey key, PrefixTable prefixes, Homes homes, int ttlSeconds, Clock clock) {
        this(key, prefixes, homes, ttlSeconds, clock, WAITING);
    }

    DenialSigner(SigningKey key, PrefixTable prefixes, Homes homes, int ttlSeconds, Clock clock, int waiting) {
        this.key = key;
        this.prefixes = prefixes;
        this.homes = homes;
        this.ttlSeconds = ttlSeconds;
        this.clock = clock;
        this.queue = new ArrayBlockingQueue<>(waiting);
        thread.setDaemon(true);
    }

    /** Begins to sign. */
    public void start() {
        thread.start();
    }

    /**
     * The answer with a denial, where it is one that there is no record and the key may deny it; else as it is. May read the disk.
     *
     * @return completes exceptionally with {@link BusyException} where too many wait
     */
    public CompletableFuture<StoredAnswer> signed(RecordKey asked, StoredAnswer answer) {
        if (answer.outcome() != Outcome.NOT_FOUND) {
            return CompletableFuture.completedFuture(answer);
        }
        Prefix ownerPrefix = Prefix.of(answer.owner().scheme(), answer.owner().identifier());
        PrefixChain chain = prefixes.chain(ownerPrefix.ladder());
        Optional<Prefix> signer = signer(chain);
        if (signer.isEmpty()) {
            if (warned.compareAndSet(false, true)) {
                LOG.atWarn()
                        .addKeyValue("key", key.id())
                        .addKeyValue("prefix", ownerPrefix)
                        .log("the node's key is not in the prefix record with the role NODE: that there is no record is"
                                + " not signed");
            }
            return CompletableFuture.completedFuture(answer);
        }
        CompletableFuture<StoredAnswer> result = new CompletableFuture<>();
        if (closed || !queue.offer(new Pending(asked, chain.owner(), signer.get(), answer, result))) {
            return CompletableFuture.failedFuture(new BusyException("too many denials wait for their signature"));
        }
        if (closed) {
            fail();
        }
        return result;
    }

    /** The prefix by whose record the key may deny what is under this chain; the rule is that of resolver.proto. */
    private Optional<Prefix> signer(PrefixChain chain) {
        for (PrefixRecord link : chain.links()) {
            Optional<PartyKey> named = link.key(key.id());
            if (named.isPresent() && named.get().isActive() && named.get().has(KeyRole.NODE)) {
                return Optional.of(link.prefix());
            }
            if (!link.addresses().isEmpty() || homes.prefixes().contains(link.prefix())) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private void work() {
        List<Pending> batch = new ArrayList<>(AbsenceDenial.LARGEST_TREE);
        while (!closed) {
            try {
                batch.add(queue.take());
            } catch (InterruptedException e) {
                break;
            }
            queue.drainTo(batch, AbsenceDenial.LARGEST_TREE - 1);
            try {
                sign(batch);
            } catch (RuntimeException e) {
                LOG.atError().setCause(e).log("signing denials failed");
                batch.forEach(pending -> pending.result().completeExceptionally(e));
            }
            batch.clear();
        }
        fail();
    }

    private void sign(List<Pending> batch) throws RuntimeException {
        long now = clock.millis();
        List<Denial> denials = AbsenceDenial.sign(
                key, batch.stream().map(pending -> statement(pending, now)).toList());
        for (int i = 0; i < denials.size(); i++) {
            Pending pending = batch.get(i);
            pending.result().complete(pending.answer().withPayload(payload(pending.answer(), denials.get(i))));
        }
    }

    private DenialStatement statement(Pending pending, long now) {
        return DenialStatement.newBuilder()
                .setKey(pending.key().toProto())
                .setOwner(pending.owner().prefix().canonical())
                .setOwnerEpoch(pending.owner().epoch())
                .setSigner(pending.signer().canonical())
                .setKeyId(key.id().bytes())
                .setSequence(pending.answer().sequence())
                .setIssuedAt(now)
                .setTtl(ttlSeconds)
                .build();
    }

    private static byte[] payload(StoredAnswer answer, Denial denial) {
        try {
            return AnswerDetail.parseFrom(ByteString.copyFrom(answer.payload())).toBuilder()
                    .setDenial(denial)
                    .build()
                    .toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the detail of an answer of this node can't be read", e);
        }
    }

    private void fail() {
        List<Pending> left = new ArrayList<>();
        queue.drainTo(left);
        left.forEach(pending ->
                pending.result().completeExceptionally(new UnavailableException("the node is stopping", null)));
    }

    /** Ends; what waits fails. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        fail();
    }
}
