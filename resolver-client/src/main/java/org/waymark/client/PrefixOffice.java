package org.waymark.client;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.lifecycle.CaseHistory;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.CaseQuestion;
import org.waymark.lifecycle.LifeCycle;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SignatureVerifier;
import org.waymark.trust.SigningKey;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.v1.CaseQuery;
import org.waymark.v1.Decision;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;

/**
 * Where a prefix decides about those below it: reads the cases with a key of the prefix, verifies what the node gives before anything is
 * built on it, and signs what is decided. Blocks. Not safe for use by many threads.
 *
 * <p>Its methods throw a {@link WaymarkException} where the node can't be asked or refuses, and a {@link
 * org.waymark.trust.VerificationException} where what it gives does not verify.
 */
public final class PrefixOffice {

    private final PrefixLifeCycle cases;
    private final RegistryClient registry;
    private final PrefixRecord decider;
    private final SigningKey key;

    /**
     * @param node stays the caller's to close
     * @param decider the record of the prefix that decides, verified
     * @param key one of its keys; with the role DELEGATE, or AUTH where it is only to read
     */
    public PrefixOffice(NodeClient node, PrefixRecord decider, SigningKey key) {
        this.cases = new PrefixLifeCycle(node);
        this.registry = new RegistryClient(node);
        this.decider = decider;
        this.key = key;
    }

    /**
     * A case whose history verifies.
     *
     * @param message with all steps
     */
    public record VerifiedCase(PrefixCase message, CaseHistory history) {

        public CaseNumber number() {
            return CaseNumber.of(message.getNumber());
        }

        /** The one that was allotted; before that, the one that is wished. */
        public Optional<Prefix> prefix() {
            return message.getPrefix().isEmpty()
                    ? Optional.empty()
                    : Optional.of(Prefix.of(Scheme.ofCode(message.getScheme().getNumber()), message.getPrefix()));
        }
    }

    /**
     * The cases as the node says, the oldest first; their histories are not verified.
     *
     * @param states only those in one of these; empty: all
     */
    public List<PrefixCase> list(Collection<State> states) {
        List<PrefixCase> all = new ArrayList<>();
        ByteString cursor = ByteString.EMPTY;
        do {
            CaseQuestion question =
                    ask(CaseQuery.newBuilder().addAllStates(states).setCursor(cursor));
            LifeCycleResponse page = await(() -> cases.page(question).join());
            all.addAll(page.getCasesList());
            if (page.getCursor().equals(cursor) && !cursor.isEmpty()) {
                throw new ProtocolViolationException("the node gives the same page of cases again and again");
            }
            cursor = page.getCursor();
        } while (!cursor.isEmpty());
        all.sort(Comparator.comparingLong(PrefixCase::getOpenedAt));
        return all;
    }

    /** The case with this number, verified. */
    public VerifiedCase find(CaseNumber number) {
        VerifiedCase found = find(CaseQuery.newBuilder().setNumber(number.bytes()));
        if (!found.number().equals(number)) {
            throw new ProtocolViolationException("asked for the case " + number + ", got " + found.number());
        }
        return found;
    }

    /**
     * The case of this prefix, verified; before it is allotted, that of the one application that wishes it and waits.
     *
     * @throws IllegalArgumentException if several applications wish it
     */
    public VerifiedCase find(Prefix prefix) {
        VerifiedCase found;
        try {
            found = find(CaseQuery.newBuilder().setPrefix(prefix.canonical()));
        } catch (LifeCycleRefusedException e) {
            if (e.code() != LifeCycleResponse.Code.UNKNOWN_CASE) {
                throw e;
            }
            return wishedBy(prefix, e);
        }
        if (!found.prefix().equals(Optional.of(prefix))) {
            throw new ProtocolViolationException("asked for the case of " + prefix + ", got that of " + found.prefix());
        }
        return found;
    }

    private VerifiedCase wishedBy(Prefix prefix, LifeCycleRefusedException otherwise) {
        List<PrefixCase> wishes = list(List.of(State.AWAITING_REVIEW, State.IN_REVIEW)).stream()
                .filter(whole -> whole.getPrefix().equals(prefix.canonical()))
                .toList();
        if (wishes.isEmpty()) {
            throw otherwise;
        }
        if (wishes.size() > 1) {
            throw new IllegalArgumentException(
                    wishes.size() + " applications wish " + prefix + "; give the number of the one that is meant");
        }
        return find(CaseNumber.of(wishes.get(0).getNumber()));
    }

    private VerifiedCase find(CaseQuery.Builder query) {
        PrefixCase whole = await(
                () -> cases.one(from -> ask(query.clone().setFromStep(from))).join());
        return new VerifiedCase(whole, CaseHistory.verify(whole, whole.getStepsList(), decider));
    }

    private CaseQuestion ask(CaseQuery.Builder query) {
        return CaseQuestion.sign(
                query.setScheme(scheme())
                        .setSigner(decider.prefix().canonical())
                        .setAskedAt(System.currentTimeMillis())
                        .build(),
                key);
    }

    private IdentifierScheme scheme() {
        return IdentifierScheme.forNumber(decider.prefix().scheme().code());
    }

    /**
     * Decides, signs, and sends.
     *
     * @param reason may be empty, but in a rejection
     * @param allotted what is approved where any prefix is wished; else empty, or the wished one
     * @param life of the prefix record where it is approved
     * @return the case as it is then
     */
    public PrefixCase decide(
            VerifiedCase open, Decision.Kind kind, String reason, Optional<Prefix> allotted, Duration life) {
        if (LifeCycle.after(open.message().getState(), kind).isEmpty()) {
            throw new IllegalArgumentException(LifeCycle.refusal(open.message().getState(), kind));
        }
        List<PrefixDecision> before = open.history().decisions();
        long last = before.isEmpty() ? 0 : before.get(before.size() - 1).decidedAt();
        Decision.Builder draft = Decision.newBuilder()
                .setNumber(open.number().bytes())
                .setStep(before.size() + 1)
                .setPrevious(open.message().getHead())
                .setKind(kind)
                .setReason(reason)
                .setDecidedAt(Math.max(System.currentTimeMillis(), last))
                .setScheme(scheme())
                .setSigner(decider.prefix().canonical());
        IdentifierRecord record = null;
        if (kind == Decision.Kind.APPROVE) {
            record = firstVersion(open, allotted, life);
        } else if (LifeCycle.publishes(kind)) {
            record = nextVersion(open.prefix().orElseThrow(), kind != Decision.Kind.ENABLE);
        }
        if (record != null) {
            draft.setPrefix(record.key().identifier())
                    .setRecord(record.digest(key.suite().hash()).bytes());
        }
        PrefixDecision decision = PrefixDecision.sign(draft.build(), key);
        Optional<IdentifierRecord> published = Optional.ofNullable(record);
        return await(() -> cases.decide(decision, published).join());
    }

    private IdentifierRecord firstVersion(VerifiedCase open, Optional<Prefix> allotted, Duration life) {
        PrefixApplication application = open.history().application().orElseThrow();
        Prefix prefix = application
                .wished()
                .or(() -> allotted)
                .orElseThrow(() ->
                        new IllegalArgumentException("any prefix is wished; say which one is to be allotted, such as "
                                + decider.prefix().canonical() + ".9"));
        if (allotted.isPresent() && !allotted.get().equals(prefix)) {
            throw new IllegalArgumentException("the prefix " + prefix + " is wished, and no other can be allotted");
        }
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, decider.prefix())
                .epoch(1)
                .ownerEpoch(decider.epoch())
                .expiresAt(System.currentTimeMillis() + life.toMillis());
        PrefixRecord.describe(draft, application.description(), application.keys(), application.addresses());
        return new RecordSigner(key).sign(draft.build());
    }

    /** What the present version says, in another status: it is signed again as it stands, so it has to be what was signed before. */
    private IdentifierRecord nextVersion(Prefix prefix, boolean revoked) {
        PrefixRecord current = await(() -> registry.prefixRecord(prefix).join())
                .orElseThrow(() -> new NodeErrorException("the node has no record of the prefix " + prefix));
        IdentifierRecord record = current.record();
        PartyKey by = decider.key(new KeyId(record.keyId()))
                .orElseThrow(() -> new UnknownKeyException("the node's " + current + " is signed by the key "
                        + new KeyId(record.keyId()) + ", which is none of " + decider.prefix()));
        if (!current.owner().equals(decider.prefix()) || !new SignatureVerifier().verifies(record, by.key())) {
            throw new BadSignatureException("the signature of the node's " + record + " does not verify");
        }
        if (!record.valuesMatchRoot(by.key().suite().hash())) {
            throw new TamperedRecordException("the values of the node's " + record + " are not those that were signed");
        }
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, decider.prefix())
                .epoch(current.epoch())
                .ownerEpoch(decider.epoch())
                .ttlSeconds(record.ttlSeconds())
                .expiresAt(record.expiresAt())
                .following(record.version(), record.digest(by.key().suite().hash()))
                .issuedAt(Math.max(System.currentTimeMillis(), record.issuedAt()));
        record.values().forEach(value -> draft.value(value.index(), value.type(), value.data()));
        if (revoked) {
            draft.revoked();
        }
        return new RecordSigner(key).sign(draft.build());
    }

    private interface Answer<T> {
        T get();
    }

    private static <T> T await(Answer<T> answer) {
        try {
            return answer.get();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
