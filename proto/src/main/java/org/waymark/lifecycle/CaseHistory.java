package org.waymark.lifecycle;

import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.waymark.record.InvalidRecordException;
import org.waymark.record.RecordDigest;
import org.waymark.trust.BadSignatureException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RevokedKeyException;
import org.waymark.trust.TamperedRecordException;
import org.waymark.trust.UnknownKeyException;
import org.waymark.trust.WrongRoleException;
import org.waymark.v1.CaseStep;
import org.waymark.v1.KeyRole;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.PrefixCase.State;
import org.waymark.v1.SignedStatement;

/**
 * The steps of a case, verified: each signed by who may, each following the one before, each allowed in the state that the one before led
 * to. What it does not show is a step that was left out at the end. Immutable.
 *
 * @param application empty where no application opened the case
 * @param state the one that the steps lead to; empty where there is no application and no step
 */
public record CaseHistory(
        Optional<PrefixApplication> application, List<PrefixDecision> decisions, Optional<State> state) {

    public CaseHistory {
        decisions = List.copyOf(decisions);
    }

    /**
     * Verifies a case with all its steps.
     *
     * @param decider the record of the prefix that decides, which whoever calls has verified
     * @throws org.waymark.trust.VerificationException if the history does not verify; the type says why
     */
    public static CaseHistory verify(PrefixCase whole, List<CaseStep> steps, PrefixRecord decider) {
        try {
            return new Reading(whole, decider).read(steps);
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException("the history of a case: " + e.getMessage());
        }
    }

    private static final class Reading {

        private final PrefixCase whole;
        private final CaseNumber number;
        private final PrefixRecord decider;
        private RecordDigest head;
        private long lastDecidedAt;
        private State state;

        Reading(PrefixCase whole, PrefixRecord decider) {
            this.whole = whole;
            this.number = CaseNumber.of(whole.getNumber());
            this.decider = decider;
            this.head = number.digest();
        }

        CaseHistory read(List<CaseStep> steps) {
            PrefixApplication application = application();
            List<PrefixDecision> decisions = new ArrayList<>();
            for (CaseStep step : steps) {
                decisions.add(decision(step, decisions.size() + 1));
            }
            if (decisions.size() != whole.getStepCount() || !head.bytes().equals(whole.getHead())) {
                throw new TamperedRecordException("the case " + number + " is said to have " + whole.getStepCount()
                        + " decisions; those that came are " + decisions.size() + ", or others");
            }
            return new CaseHistory(Optional.ofNullable(application), decisions, Optional.ofNullable(state));
        }

        private PrefixApplication application() {
            if (whole.getApplication().isEmpty()) {
                return null;
            }
            PrefixApplication application;
            try {
                application = PrefixApplication.parse(SignedStatement.parseFrom(whole.getApplication()));
            } catch (InvalidProtocolBufferException e) {
                throw new InvalidRecordException("application", "is not an encoded SignedStatement");
            }
            if (!application.number().equals(number) || !application.under().equals(decider.prefix())) {
                throw new TamperedRecordException("the case " + number + " comes with the application "
                        + application.number() + " under " + application.under());
            }
            state = State.AWAITING_REVIEW;
            return application;
        }

        private PrefixDecision decision(CaseStep step, int place) {
            PrefixDecision decision;
            try {
                decision = PrefixDecision.parse(SignedStatement.parseFrom(step.getDecision()));
            } catch (InvalidProtocolBufferException e) {
                throw new InvalidRecordException("decision", "is not an encoded SignedStatement");
            }
            if (!decision.number().equals(number)
                    || decision.step() != place
                    || !decision.previous().equals(head)) {
                throw new TamperedRecordException(
                        "step " + place + " of the case " + number + " does not follow the one before");
            }
            if (decision.decidedAt() < lastDecidedAt) {
                throw new TamperedRecordException(
                        "step " + place + " of the case " + number + " is of a time before that of the one before");
            }
            lastDecidedAt = decision.decidedAt();
            PartyKey key = signer(decision);
            if (state == null) {
                state = stateBeforeFirst(decision);
            }
            State before = state;
            state = LifeCycle.after(before, decision.kind())
                    .or(() -> afterRecordAlone(before, decision))
                    .orElseThrow(() -> new TamperedRecordException("step " + place + " of the case " + number + ": "
                            + LifeCycle.refusal(before, decision.kind())));
            head = decision.digest(key.key().suite().hash());
            return decision;
        }

        /** Without the application: it waited. Of a prefix that none was made for: its record has enabled or revoked it. */
        private static State stateBeforeFirst(PrefixDecision decision) {
            return Stream.of(State.AWAITING_REVIEW, State.ENABLED, State.DISABLED)
                    .filter(before -> LifeCycle.after(before, decision.kind()).isPresent())
                    .findFirst()
                    .orElse(State.AWAITING_REVIEW);
        }

        /** A new version of the prefix record may have disabled or enabled the prefix without a decision, in between. */
        private static Optional<State> afterRecordAlone(State before, PrefixDecision decision) {
            return switch (before) {
                case ENABLED -> LifeCycle.after(State.DISABLED, decision.kind());
                case DISABLED -> LifeCycle.after(State.ENABLED, decision.kind());
                default -> Optional.empty();
            };
        }

        private PartyKey signer(PrefixDecision decision) {
            if (!decision.signer().equals(decider.prefix())) {
                throw new UnknownKeyException("a decision about the case " + number + " is signed by "
                        + decision.signer() + ", not by " + decider.prefix());
            }
            PartyKey key = decider.key(decision.keyId())
                    .orElseThrow(() -> new UnknownKeyException("a decision about the case " + number
                            + " is signed by the key " + decision.keyId() + ", which is none of " + decider.prefix()));
            if (key.isRevoked()) {
                throw new RevokedKeyException("a decision about the case " + number + " is signed by the key "
                        + key.id() + ", which is revoked");
            }
            if (!key.has(KeyRole.DELEGATE)) {
                throw new WrongRoleException("a decision about the case " + number + " is signed by the key " + key.id()
                        + ", which lacks the role DELEGATE");
            }
            if (!decision.isSignedBy(key.key())) {
                throw new BadSignatureException(
                        "the signature of a decision about the case " + number + " does not verify");
            }
            return key;
        }
    }
}
