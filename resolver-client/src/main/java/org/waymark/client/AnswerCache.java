package org.waymark.client;

import java.time.Duration;
import java.util.Optional;
import org.waymark.identifier.Identifier;

/** Keeps verified answers while their life lasts; the least recently used ones go first. Safe for use by many threads. */
final class AnswerCache {

    private record Question(Identifier identifier, ResolveOptions options) {}

    private final int capacity;
    private final BoundedMap<Question, AnswerVerifier.Verified> answers;

    /**
     * @param capacity answers kept; 0: none
     */
    AnswerCache(int capacity) {
        this.capacity = capacity;
        this.answers = new BoundedMap<>(capacity);
    }

    void put(ResolveOptions options, AnswerVerifier.Verified answer) {
        if (capacity > 0 && answer.expiresNanos() - System.nanoTime() > 0) {
            answers.put(new Question(answer.resolution().identifier(), options), answer);
        }
    }

    Optional<Resolution> get(Identifier identifier, ResolveOptions options, long startNanos) {
        if (capacity == 0 || options.authoritative()) {
            return Optional.empty();
        }
        Question question = new Question(identifier, options);
        AnswerVerifier.Verified kept = answers.get(question);
        if (kept == null) {
            return Optional.empty();
        }
        long now = System.nanoTime();
        if (kept.expiresNanos() - now <= 0) {
            answers.remove(question, kept);
            return Optional.empty();
        }
        Provenance first = kept.resolution().provenance();
        Provenance provenance = new Provenance(
                first.source(),
                true,
                first.stale(),
                Duration.ofNanos(kept.expiresNanos() - now),
                first.sequence(),
                Duration.ofNanos(now - startNanos));
        return Optional.of(with(kept.resolution(), provenance));
    }

    private static Resolution with(Resolution resolution, Provenance provenance) {
        if (resolution instanceof Resolution.Found found) {
            return new Resolution.Found(found.identifier(), found.record(), found.chain(), provenance);
        }
        if (resolution instanceof Resolution.Revoked revoked) {
            return new Resolution.Revoked(
                    revoked.identifier(), revoked.reason(), revoked.evidence(), revoked.chain(), provenance);
        }
        if (resolution instanceof Resolution.Referral referral) {
            return new Resolution.Referral(referral.identifier(), referral.prefix(), referral.chain(), provenance);
        }
        if (resolution instanceof Resolution.NotFound notFound) {
            return new Resolution.NotFound(
                    notFound.identifier(),
                    notFound.owner(),
                    notFound.message(),
                    notFound.proof(),
                    notFound.chain(),
                    provenance);
        }
        if (resolution instanceof Resolution.NotResponsible elsewhere) {
            return new Resolution.NotResponsible(elsewhere.identifier(), elsewhere.message(), provenance);
        }
        Resolution.InvalidIdentifier invalid = (Resolution.InvalidIdentifier) resolution;
        return new Resolution.InvalidIdentifier(
                invalid.identifier(), invalid.message(), invalid.position(), provenance);
    }
}
