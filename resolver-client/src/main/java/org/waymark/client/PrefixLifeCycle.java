package org.waymark.client;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntFunction;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.CaseQuestion;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.record.IdentifierRecord;
import org.waymark.v1.CaseStep;
import org.waymark.v1.DecideRequest;
import org.waymark.v1.LifeCycleRequest;
import org.waymark.v1.LifeCycleResponse;
import org.waymark.v1.LifeCycleResponse.Code;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.StatusRequest;

/**
 * Applies for a prefix, follows the application, and decides about it; see {@code lifecycle.proto}. The same statement is kept once, so
 * all may be sent again; after a failure of a moment that is done, a bounded number of times. Verifies nothing: {@link
 * org.waymark.lifecycle.CaseHistory} does.
 *
 * <p>Safe for use by many threads. The futures complete exceptionally with a {@link LifeCycleRefusedException} where the node does not
 * carry a request out, else with another {@link WaymarkException}.
 */
public final class PrefixLifeCycle {

    private static final BackOff REPEATS = new BackOff(5, Duration.ofMillis(100));

    private final NodeClient node;

    /** Over this client, which stays the caller's to close. */
    public PrefixLifeCycle(NodeClient node) {
        this.node = node;
    }

    /** Sends an application. Completes when it is kept; gives the case that it opened. */
    public CompletableFuture<PrefixCase> apply(PrefixApplication application) {
        return ask(LifeCycleRequest.newBuilder().setApply(application.toProto()))
                .thenApply(PrefixLifeCycle::onlyCase);
    }

    /** The state of an application and all decisions about it, for whoever knows its number. */
    public CompletableFuture<PrefixCase> status(CaseNumber number) {
        return whole(from -> ask(LifeCycleRequest.newBuilder()
                .setStatus(StatusRequest.newBuilder().setNumber(number.bytes()).setFromStep(from))));
    }

    /**
     * One case with all its steps.
     *
     * @param asking makes the question for the steps from one on
     */
    public CompletableFuture<PrefixCase> one(IntFunction<CaseQuestion> asking) {
        return whole(from ->
                ask(LifeCycleRequest.newBuilder().setQuery(asking.apply(from).toProto())));
    }

    private static CompletableFuture<PrefixCase> whole(IntFunction<CompletableFuture<LifeCycleResponse>> asking) {
        return asking.apply(1).thenCompose(first -> further(onlyCase(first), new ArrayList<>(), asking));
    }

    private static CompletableFuture<PrefixCase> further(
            PrefixCase page, List<CaseStep> before, IntFunction<CompletableFuture<LifeCycleResponse>> asking) {
        before.addAll(page.getStepsList());
        if (page.getNextStep() == 0) {
            return CompletableFuture.completedFuture(
                    page.toBuilder().clearSteps().addAllSteps(before).build());
        }
        if (page.getNextStep() != before.size() + 1) {
            throw new ProtocolViolationException("the node gave " + before.size()
                    + " steps of a case, and goes on from " + Integer.toUnsignedString(page.getNextStep()));
        }
        return asking.apply(page.getNextStep()).thenCompose(next -> further(onlyCase(next), before, asking));
    }

    /** A page of cases, without their steps; the next one is asked for with its cursor. */
    public CompletableFuture<LifeCycleResponse> page(CaseQuestion question) {
        return ask(LifeCycleRequest.newBuilder().setQuery(question.toProto()));
    }

    /**
     * Sends a decision. Completes when it is kept, and what it publishes is; gives the case as it is then.
     *
     * @param record the version of the prefix record that the decision names, if it names one
     */
    public CompletableFuture<PrefixCase> decide(PrefixDecision decision, Optional<IdentifierRecord> record) {
        DecideRequest.Builder request = DecideRequest.newBuilder().setDecision(decision.toProto());
        record.ifPresent(published -> request.setRecord(published.encoded()));
        return ask(LifeCycleRequest.newBuilder().setDecide(request)).thenApply(PrefixLifeCycle::onlyCase);
    }

    private CompletableFuture<LifeCycleResponse> ask(LifeCycleRequest.Builder request) {
        LifeCycleRequest built = request.build();
        return REPEATS.retrying(() -> node.lifeCycle(built), RegistryClient::isRepeatable)
                .thenApply(response -> {
                    if (response.getCode() != Code.DONE && response.getCode() != Code.ALREADY) {
                        throw new LifeCycleRefusedException(response);
                    }
                    return response;
                });
    }

    private static PrefixCase onlyCase(LifeCycleResponse response) {
        if (response.getCasesCount() != 1) {
            throw new ProtocolViolationException(
                    "the node gave " + response.getCasesCount() + " cases where one is due");
        }
        return response.getCases(0);
    }
}
