package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.Limits;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.CaseQuestion;
import org.waymark.lifecycle.LifeCycle;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.node.registry.PendingApplications.Waiting;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.KeyId;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.CaseStep;
import org.waymark.v1.DecideRequest;
import org.waymark.v1.Decision;
import org.waymark.v1.IdentifierScheme;
import org.waymark.v1.KeyRole;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LifeCycleResponse.Code;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;
import org.waymark.v1.RecordKind;
import org.waymark.v1.RegisterResult;
import org.waymark.v1.SignedStatement;
import org.waymark.v1.StatusRequest;

/**
 * The life cycle of the prefixes below those that this node serves: takes applications and decisions, each checked by what it says and
 * who signed it, and answers for them. Safe for use by many threads; blocks until what it keeps is durable.
 */
final class PrefixCases {

    private static final Logger LOG = LoggerFactory.getLogger(PrefixCases.class);

    /** Cases of a page: with applications of the largest size it fits into a frame. */
    private static final int CASES_OF_PAGE = 100;

    /** What is in front of a cursor into the cases, and of one into the prefixes that no case is about. */
    private static final byte CASES = 'c';

    private static final byte PREFIXES = 'p';

    private static final Set<KeyRole> DECIDES = EnumSet.of(KeyRole.DELEGATE);
    private static final Set<KeyRole> READS = EnumSet.of(KeyRole.DELEGATE, KeyRole.AUTH);

    private final Registry registry;
    private final PrefixTable prefixes;
    private final Homes homes;
    private final Registrar registrar;
    private final Clock clock;
    private final CaseStore store;
    /** Null until the first application or decision. */
    private PendingApplications pending;

    PrefixCases(Registry registry, PrefixTable prefixes, Homes homes, Registrar registrar, Clock clock) {
        this.registry = registry;
        this.prefixes = prefixes;
        this.homes = homes;
        this.registrar = registrar;
        this.clock = clock;
        this.store = new CaseStore(registry);
    }

    /** Why a request is not carried out; turned into a response at once. */
    private static final class Refused extends Exception {

        private static final long serialVersionUID = 1L;

        private final transient LifeCycleResponse response;

        Refused(Code code, String field, String message) {
            this(response(code, field, message).build());
        }

        Refused(LifeCycleResponse response) {
            super(response.getMessage(), null, false, false);
            this.response = response;
        }
    }

    /**
     * Carries out a request.
     *
     * @param source the network that it came from, for limits
     */
    LifeCycleResponse answer(LifeCycleRequest request, String source) throws InterruptedException {
        try {
            return switch (request.getRequestCase()) {
                case APPLY -> apply(request.getApply(), source);
                case STATUS -> status(request.getStatus());
                case QUERY -> query(request.getQuery());
                case DECIDE -> decide(request.getDecide());
                default -> throw new Refused(Code.INVALID, "request", "must be apply, status, query or decide");
            };
        } catch (Refused e) {
            return e.response;
        } catch (InvalidRecordException e) {
            return response(Code.INVALID, e.field(), e.rule()).build();
        } catch (InvalidIdentifierException e) {
            return response(Code.INVALID, "record", "names no prefix: " + e.getMessage())
                    .build();
        }
    }

    private static LifeCycleResponse.Builder response(Code code, String field, String message) {
        return LifeCycleResponse.newBuilder().setCode(code).setField(field).setMessage(message);
    }

    // ---- applications

    private synchronized LifeCycleResponse apply(SignedStatement signed, String source) throws Refused {
        PrefixApplication application = PrefixApplication.parse(signed);
        PendingApplications waiting = pending();
        Optional<String> flood = waiting.came(source);
        if (flood.isPresent()) {
            throw new Refused(Code.TOO_MANY, "", flood.get());
        }
        Optional<PrefixCase> known = store.find(application.number());
        if (known.isPresent()) {
            return withCase(Code.ALREADY, forApplicant(now(known.get())));
        }
        requireNotAhead("application.applied_at", application.appliedAt());
        requirePlace(application);
        KeyId key = application.keys().get(0).id();
        long now = clock.millis();
        Optional<String> full = waiting.refusal(key, source, now);
        if (full.isPresent()) {
            throw new Refused(Code.TOO_MANY, "", full.get());
        }
        PrefixCase opened = PrefixCase.newBuilder()
                .setNumber(application.number().bytes())
                .setState(State.AWAITING_REVIEW)
                .setScheme(
                        IdentifierScheme.forNumber(application.under().scheme().code()))
                .setUnder(application.under().canonical())
                .setPrefix(application.wished().map(Prefix::canonical).orElse(""))
                .setOpenedAt(now)
                .setChangedAt(now)
                .setApplication(application.toProto().toByteString())
                .setHead(application.number().bytes())
                .build();
        registry.putDocuments(List.of(store.of(opened), store.source(opened, source)));
        waiting.waits(opened.getNumber(), new Waiting(key, source, lapsesAt(opened)));
        LOG.atInfo()
                .addKeyValue("number", application.number())
                .addKeyValue("under", application.under())
                .log("an application for a prefix came in");
        return withCase(Code.DONE, forApplicant(opened));
    }

    private void requirePlace(PrefixApplication application) throws Refused {
        Prefix under = application.under();
        PrefixChain chain = prefixes.chain(under.ladder());
        boolean isServed = !chain.isEmpty() && homes.servedElsewhere(chain).isEmpty() && homes.knowsWhere(chain);
        if (!isServed || !chain.owner().prefix().equals(under)) {
            throw new Refused(
                    Code.INVALID, "application.under", "is " + under + ", which this node does not allot prefixes of");
        }
        if (chain.firstBreak().isPresent()) {
            throw new Refused(Code.INVALID, "application.under", "is " + under + ", which is not in force");
        }
        if (application.wished().isPresent()) {
            requireFree(application.wished().get(), under, "application.wished");
        }
    }

    private void requireFree(Prefix wished, Prefix under, String field) throws Refused {
        if (prefixes.find(wished).isPresent()) {
            throw new Refused(Code.INVALID, field, "is " + wished + ", which is registered already");
        }
        Prefix owner = prefixes.chain(wished.ladder()).owner().prefix();
        if (!owner.equals(under)) {
            throw new Refused(
                    Code.INVALID, field, "is " + wished + ", which is for " + owner + " to allot, not for " + under);
        }
    }

    /** Those that the registry has, and what was counted since. */
    private PendingApplications pending() {
        if (pending == null) {
            PendingApplications counted = new PendingApplications();
            store.scan(ByteString.EMPTY, whole -> {
                if (LifeCycle.isPending(whole.getState())) {
                    counted.waits(whole.getNumber(), waiting(whole));
                }
                return true;
            });
            pending = counted;
        }
        return pending;
    }

    private Waiting waiting(PrefixCase whole) {
        return new Waiting(applicationOf(whole).keys().get(0).id(), store.sourceOf(whole.getNumber()), lapsesAt(whole));
    }

    private static long lapsesAt(PrefixCase whole) {
        return whole.getState() == State.AWAITING_REVIEW
                ? whole.getOpenedAt() + LifeCycle.AWAITS_REVIEW.toMillis()
                : Long.MAX_VALUE;
    }

    private static PrefixApplication applicationOf(PrefixCase whole) {
        try {
            return PrefixApplication.parse(SignedStatement.parseFrom(whole.getApplication()));
        } catch (InvalidProtocolBufferException | InvalidRecordException e) {
            throw new RegistryException("an application can't be read", e);
        }
    }

    // ---- questions

    private LifeCycleResponse status(StatusRequest request) throws Refused {
        CaseNumber number = CaseNumber.of(request.getNumber());
        PrefixCase found = store.find(number)
                .filter(whole -> !whole.getApplication().isEmpty())
                .orElseThrow(() -> unknown(number.toString()));
        PrefixCase stepped = withSteps(now(found), Math.max(1, request.getFromStep()));
        return withCase(Code.DONE, forApplicant(stepped));
    }

    private LifeCycleResponse query(SignedStatement signed) throws Refused {
        CaseQuestion question = CaseQuestion.parse(signed);
        PartyKey key = authorised("query", question.signer(), question.keyId(), READS);
        if (!question.isSignedBy(key.key())) {
            throw new Refused(Code.UNAUTHORISED, "query.proof", "does not verify with the key " + key.id());
        }
        if (Math.abs(clock.millis() - question.askedAt()) > Limits.CLOCK_AHEAD_MILLIS) {
            throw new Refused(
                    Code.UNAUTHORISED,
                    "query.asked_at",
                    "is more than 5 minutes from this node's clock; set the clock, or ask again");
        }
        if (question.number().isPresent()) {
            CaseNumber number = question.number().get();
            return one(store.find(number), question, number.toString());
        }
        if (question.prefix().isPresent()) {
            Prefix prefix = question.prefix().get();
            return one(store.ofPrefix(prefix).or(() -> delegated(prefix)), question, prefix.toString());
        }
        return page(question);
    }

    private LifeCycleResponse one(Optional<PrefixCase> found, CaseQuestion question, String what) throws Refused {
        PrefixCase whole = found.filter(one -> prefix(one, one.getUnder()).equals(question.signer()))
                .orElseThrow(() -> unknown(what));
        return withCase(Code.DONE, withSteps(now(whole), question.fromStep()));
    }

    private static Refused unknown(String what) {
        return new Refused(
                Code.UNKNOWN_CASE, "number", "there is no case " + what + " here, or none that may be read so");
    }

    private PrefixCase withSteps(PrefixCase whole, int from) {
        List<CaseStep> steps = store.steps(whole.getNumber(), from);
        int next = from + steps.size();
        return whole.toBuilder()
                .addAllSteps(steps)
                .setNextStep(next <= whole.getStepCount() && !steps.isEmpty() ? next : 0)
                .build();
    }

    /** First the cases, then the prefixes that were registered without one. */
    private LifeCycleResponse page(CaseQuestion question) throws Refused {
        LifeCycleResponse.Builder page = response(Code.DONE, "", "");
        ByteString cursor = question.cursor();
        if (cursor.isEmpty() || cursor.byteAt(0) == CASES) {
            store.scan(cursor.isEmpty() ? cursor : cursor.substring(1), whole -> {
                if (prefix(whole, whole.getUnder()).equals(question.signer())) {
                    add(now(whole), question, page);
                }
                return !isFull(page, CASES, whole.getNumber());
            });
            cursor = ByteString.EMPTY;
        } else if (cursor.byteAt(0) != PREFIXES) {
            throw new Refused(Code.INVALID, "query.cursor", "is none of a page before");
        }
        if (page.getCursor().isEmpty()) {
            addDelegated(question, cursor.isEmpty() ? cursor : cursor.substring(1), page);
        }
        return page.build();
    }

    private void addDelegated(CaseQuestion question, ByteString after, LifeCycleResponse.Builder page) {
        Scheme scheme = question.signer().scheme();
        List<Registry.Range> ranges = question.signer().startsOfPrefixesBelow().stream()
                .map(start -> new Registry.Range(RecordKind.PREFIX, scheme, start))
                .toList();
        Optional<RecordKey> last = after.isEmpty()
                ? Optional.empty()
                : Optional.of(RecordKey.of(RecordKind.PREFIX, scheme, after.toStringUtf8()));
        registry.scan(ranges, last, stored -> {
            Prefix prefix = Prefix.of(scheme, stored.key().identifier());
            if (store.ofPrefix(prefix).isEmpty()) {
                delegated(prefix)
                        .filter(whole ->
                                whole.getUnder().equals(question.signer().canonical()))
                        .ifPresent(whole -> add(whole, question, page));
            }
            return !isFull(page, PREFIXES, ByteString.copyFromUtf8(prefix.canonical()));
        });
    }

    private static void add(PrefixCase whole, CaseQuestion question, LifeCycleResponse.Builder page) {
        if (question.states().isEmpty() || question.states().contains(whole.getState())) {
            page.addCases(whole);
        }
    }

    private static boolean isFull(LifeCycleResponse.Builder page, byte part, ByteString last) {
        boolean isFull = page.getCasesCount() == CASES_OF_PAGE;
        if (isFull) {
            page.setCursor(ByteString.copyFrom(new byte[] {part}).concat(last));
        }
        return isFull;
    }

    /** The case of a prefix that was registered, and that nothing was decided about since. */
    private Optional<PrefixCase> delegated(Prefix prefix) {
        RecordKey key = PrefixTable.keyOf(prefix);
        Optional<PrefixRecord> current = prefixes.find(prefix).filter(record -> !record.isSelfSigned());
        Optional<StoredRecord> first = current.flatMap(record -> registry.read(key, 1));
        return first.map(opening -> PrefixCase.newBuilder()
                .setNumber(opening.digest())
                .setState(stateOf(current.get()))
                .setScheme(IdentifierScheme.forNumber(prefix.scheme().code()))
                .setUnder(current.get().owner().canonical())
                .setPrefix(prefix.canonical())
                .setOpenedAt(opening.committedAt())
                .setChangedAt(opening.committedAt())
                .setHead(opening.digest())
                .build());
    }

    private static State stateOf(PrefixRecord record) {
        return record.record().isRevoked() ? State.DISABLED : State.ENABLED;
    }

    /** A case in its present state: whether an application has lapsed the clock says, whether a prefix is enabled its record. */
    private PrefixCase now(PrefixCase whole) {
        if (lapsesAt(whole) <= clock.millis()) {
            return whole.toBuilder().setState(State.REJECTED).build();
        }
        if (whole.getState() != State.ENABLED && whole.getState() != State.DISABLED) {
            return whole;
        }
        State state = prefixes.find(prefix(whole, whole.getPrefix()))
                .map(PrefixCases::stateOf)
                .orElse(whole.getState());
        return whole.toBuilder().setState(state).build();
    }

    private static Prefix prefix(PrefixCase whole, String text) {
        return Prefix.of(Scheme.ofCode(whole.getScheme().getNumber()), text);
    }

    private static PrefixCase forApplicant(PrefixCase whole) {
        return whole.toBuilder().clearApplication().build();
    }

    private static LifeCycleResponse withCase(Code code, PrefixCase whole) {
        return response(code, "", "").addCases(whole).build();
    }

    // ---- decisions

    /** The key of a prefix that may do something; whether it signed is another question. */
    private PartyKey authorised(String message, Prefix signer, KeyId id, Set<KeyRole> roles) throws Refused {
        PrefixChain chain = prefixes.chain(signer.ladder());
        if (chain.isEmpty() || !chain.owner().prefix().equals(signer)) {
            throw new Refused(
                    Code.UNAUTHORISED, message + ".signer", "is " + signer + ", which is not registered on this node");
        }
        if (chain.firstBreak().isPresent()) {
            throw new Refused(Code.UNAUTHORISED, message + ".signer", "is " + signer + ", which is not in force");
        }
        PartyKey key = chain.owner()
                .key(id)
                .orElseThrow(() -> new Refused(
                        Code.UNAUTHORISED, message + ".key_id", "is " + id + ", which is no key of " + signer));
        if (!key.isActive() || key.roles().stream().noneMatch(roles::contains)) {
            throw new Refused(
                    Code.UNAUTHORISED,
                    message + ".key_id",
                    "is " + id + ", which is not active or has the roles " + key.roles() + "; one of " + roles
                            + " is needed");
        }
        return key;
    }

    private synchronized LifeCycleResponse decide(DecideRequest request) throws Refused, InterruptedException {
        PrefixDecision decision = PrefixDecision.parse(request.getDecision());
        PartyKey key = authorised("decision", decision.signer(), decision.keyId(), DECIDES);
        if (!decision.isSignedBy(key.key())) {
            throw new Refused(Code.UNAUTHORISED, "decision.proof", "does not verify with the key " + key.id());
        }
        PrefixCase before = store.find(decision.number())
                .or(() -> decision.prefix()
                        .filter(prefix -> store.ofPrefix(prefix).isEmpty())
                        .flatMap(this::delegated)
                        .filter(whole ->
                                whole.getNumber().equals(decision.number().bytes())))
                .map(this::now)
                .filter(whole -> prefix(whole, whole.getUnder()).equals(decision.signer()))
                .orElseThrow(() -> unknown(decision.number().toString()));
        if (isKept(decision, before)) {
            // For the caches of a node that did not hear of it when it was kept.
            long sequence = decision.prefix().isPresent() ? registry.lastSequence() : 0;
            return withCase(Code.ALREADY, before).toBuilder()
                    .setSequence(sequence)
                    .build();
        }
        State after = requireAllowed(decision, before);
        requireNotAhead("decision.decided_at", decision.decidedAt());
        requireNotBefore(decision, before);
        IdentifierRecord record = decision.prefix().isPresent() ? record(request, decision, key, before) : null;
        PrefixCase next = before.toBuilder()
                .setState(after)
                .setPrefix(decision.prefix().map(Prefix::canonical).orElse(before.getPrefix()))
                .setStepCount(decision.step())
                .setHead(decision.digest(key.key().suite().hash()).bytes())
                .setChangedAt(clock.millis())
                .build();
        long sequence = keep(decision, next, record);
        if (LifeCycle.isPending(after)) {
            pending().waits(next.getNumber(), waiting(next));
        } else if (LifeCycle.isPending(before.getState())) {
            pending().decided(next.getNumber());
        }
        LOG.atInfo()
                .addKeyValue("number", decision.number())
                .addKeyValue("prefix", next.getPrefix())
                .addKeyValue("key", key.id())
                .log("a decision was kept: {}", LifeCycle.text(decision.kind()));
        return response(Code.DONE, "", "").addCases(next).setSequence(sequence).build();
    }

    private boolean isKept(PrefixDecision decision, PrefixCase before) {
        return decision.step() <= before.getStepCount()
                && store.step(decision.number(), decision.step())
                        .map(kept -> parse(kept).getStatement())
                        .filter(decision.toProto().getStatement()::equals)
                        .isPresent();
    }

    private static SignedStatement parse(CaseStep kept) {
        try {
            return SignedStatement.parseFrom(kept.getDecision());
        } catch (InvalidProtocolBufferException e) {
            throw new RegistryException("a decision can't be read", e);
        }
    }

    private static State requireAllowed(PrefixDecision decision, PrefixCase before) throws Refused {
        Optional<State> after = LifeCycle.after(before.getState(), decision.kind());
        String fault = null;
        if (after.isEmpty()) {
            fault = LifeCycle.refusal(before.getState(), decision.kind());
        } else if (decision.step() != before.getStepCount() + 1
                || !decision.previous().bytes().equals(before.getHead())) {
            fault = "somebody else has decided meanwhile; look at the case, and decide again";
        }
        if (fault != null) {
            throw new Refused(response(Code.WRONG_STATE, "decision.kind", fault)
                    .addCases(before)
                    .build());
        }
        return after.get();
    }

    private void requireNotBefore(PrefixDecision decision, PrefixCase before) throws Refused {
        long last = store.step(decision.number(), before.getStepCount())
                .map(kept -> PrefixDecision.parse(parse(kept)).decidedAt())
                .orElse(0L);
        if (decision.decidedAt() < last) {
            throw new Refused(
                    Code.INVALID,
                    "decision.decided_at",
                    "is " + (last - decision.decidedAt()) + " ms before that of the step before");
        }
    }

    private void requireNotAhead(String field, long time) throws Refused {
        long ahead = time - clock.millis();
        if (ahead > Limits.CLOCK_AHEAD_MILLIS) {
            throw new Refused(
                    Code.INVALID,
                    field,
                    "is " + ahead + " ms ahead of this node's clock; at most " + Limits.CLOCK_AHEAD_MILLIS
                            + " are allowed");
        }
    }

    /** The version of the prefix record that comes with a decision: the one that it names, and what it says. */
    private IdentifierRecord record(DecideRequest request, PrefixDecision decision, PartyKey key, PrefixCase before)
            throws Refused {
        IdentifierRecord record = IdentifierRecord.parse(request.getRecord());
        PrefixRecord said = PrefixRecord.of(record);
        Prefix prefix = decision.prefix().orElseThrow();
        RecordDigest digest = record.digest(key.key().suite().hash());
        boolean isNamed = said.prefix().equals(prefix)
                && record.keyId().equals(key.id().bytes())
                && digest.equals(decision.record().orElseThrow());
        if (!isNamed) {
            throw new Refused(
                    Code.INVALID, "decision.record", "does not name the record that came along, signed by its own key");
        }
        boolean isOther = !before.getPrefix().isEmpty() && !before.getPrefix().equals(prefix.canonical());
        if (isOther) {
            throw new Refused(
                    Code.INVALID, "decision.prefix", "is " + prefix + "; this case is about " + before.getPrefix());
        }
        boolean mustBeActive = decision.kind() == Decision.Kind.APPROVE || decision.kind() == Decision.Kind.ENABLE;
        if (record.isRevoked() == mustBeActive) {
            throw new Refused(
                    Code.INVALID,
                    "record.header.status",
                    "must be " + (mustBeActive ? "ACTIVE" : "REVOKED") + " to " + LifeCycle.text(decision.kind()));
        }
        if (decision.kind() == Decision.Kind.APPROVE) {
            requireApplied(said, applicationOf(before));
        } else {
            PrefixRecord current = prefixes.find(prefix).orElseThrow(() -> unknown(prefix.toString()));
            if (!said.changesStatusAlone(current)) {
                throw new Refused(Code.INVALID, "record", "must say what the version before says, but for the status");
            }
        }
        return record;
    }

    private void requireApplied(PrefixRecord said, PrefixApplication application) throws Refused {
        requireFree(said.prefix(), application.under(), "decision.prefix");
        boolean isAsApplied = said.description().equals(application.description())
                && new HashSet<>(said.keys()).equals(new HashSet<>(application.keys()))
                && said.addresses().equals(application.addresses());
        if (!isAsApplied) {
            throw new Refused(
                    Code.INVALID,
                    "record",
                    "must have the name, the code, the keys and the addresses of the application");
        }
    }

    /** Keeps a decision, with the record that it publishes or by itself. Returns the number of the record's commit; 0: there is none. */
    private long keep(PrefixDecision decision, PrefixCase next, IdentifierRecord record)
            throws Refused, InterruptedException {
        List<Document> documents = new ArrayList<>();
        documents.add(store.of(next));
        documents.add(store.step(
                next,
                CaseStep.newBuilder()
                        .setDecision(decision.toProto().toByteString())
                        .setKeptAt(next.getChangedAt())
                        .build()));
        if (record == null) {
            registry.putDocuments(documents);
            return 0;
        }
        Prefix prefix = decision.prefix().orElseThrow();
        documents.add(store.allotted(next, prefix));
        if (next.getState() == State.DELETING) {
            documents.add(store.deleted(next, prefix));
        }
        RegisterResult result = registrar.register(record, documents);
        switch (result.getCode()) {
            case CREATED, UPDATED -> {}
            case UNCHANGED -> {
                // Somebody has registered this very version by itself; one that others have followed decides nothing
                // any more.
                if (result.getCurrentVersion() != record.version()) {
                    throw new Refused(
                            Code.INVALID,
                            "record.header.version",
                            "is " + record.version() + "; the prefix is at version " + result.getCurrentVersion());
                }
                registry.putDocuments(documents);
            }
            case UNAUTHORISED ->
                throw new Refused(Code.UNAUTHORISED, "record." + result.getField(), result.getMessage());
            case RETRY -> throw new Refused(Code.RETRY, "", result.getMessage());
            default -> throw new Refused(Code.INVALID, "record." + result.getField(), result.getMessage());
        }
        return result.getSequence();
    }
}
