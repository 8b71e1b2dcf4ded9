package org.waymark.node.registry;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.waymark.Limits;
import org.waymark.identifier.Prefix;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.v1.CaseStep;
import org.waymark.v1.PrefixCase;

/**
 * Where the cases of prefixes are kept: as documents of the registry.
 *
 * <pre>
 * c number (33)             ->  PrefixCase, without steps
 * s number (33) step (4)    ->  CaseStep
 * p scheme (1) prefix text  ->  number of the case that allotted the prefix
 * d scheme (1) prefix text  ->  the same, for a prefix that is being deleted
 * f number (33)             ->  the network that the application came from
 * </pre>
 */
final class CaseStore {

    private static final char CASE = 'c';
    private static final char STEP = 's';
    private static final char PREFIX = 'p';
    private static final char DELETED = 'd';
    private static final char SOURCE = 'f';

    private final Registry registry;

    CaseStore(Registry registry) {
        this.registry = registry;
    }

    Optional<PrefixCase> find(CaseNumber number) {
        return registry.document(caseKey(number.bytes())).map(CaseStore::parse);
    }

    /** The case of a prefix that was allotted, or decided about. */
    Optional<PrefixCase> ofPrefix(Prefix prefix) {
        return registry.document(key(PREFIX, prefix)).flatMap(number -> find(CaseNumber.of(number)));
    }

    /** Steps of a case, from one on, as many as one answer may have. */
    List<CaseStep> steps(ByteString number, int from) {
        List<CaseStep> steps = new ArrayList<>();
        ByteString before = stepKey(number, from - 1);
        registry.scanDocuments(key(STEP, number), before, document -> {
            try {
                steps.add(CaseStep.parseFrom(document.value()));
            } catch (InvalidProtocolBufferException e) {
                throw new RegistryException("a step of a case can't be read", e);
            }
            return steps.size() < Limits.STEPS_OF_PAGE;
        });
        return steps;
    }

    Optional<CaseStep> step(CaseNumber number, int step) {
        List<CaseStep> found = steps(number.bytes(), step);
        return found.isEmpty() ? Optional.empty() : Optional.of(found.get(0));
    }

    /**
     * Walks over the cases in the order of their numbers.
     *
     * @param after only those after this number; empty for all
     * @param visitor returns whether to go on
     */
    void scan(ByteString after, Predicate<PrefixCase> visitor) {
        registry.scanDocuments(
                key(CASE, ByteString.EMPTY), caseKey(after), document -> visitor.test(parse(document.value())));
    }

    static boolean isDeleted(Registry registry, Prefix prefix) {
        return registry.document(key(DELETED, prefix)).isPresent();
    }

    /** A case as it now is. */
    Document of(PrefixCase whole) {
        PrefixCase bare = whole.toBuilder().clearSteps().clearNextStep().build();
        return new Document(caseKey(whole.getNumber()), bare.toByteString());
    }

    Document step(PrefixCase whole, CaseStep step) {
        return new Document(stepKey(whole.getNumber(), whole.getStepCount()), step.toByteString());
    }

    Document allotted(PrefixCase whole, Prefix prefix) {
        return new Document(key(PREFIX, prefix), whole.getNumber());
    }

    Document deleted(PrefixCase whole, Prefix prefix) {
        return new Document(key(DELETED, prefix), whole.getNumber());
    }

    Document source(PrefixCase whole, String network) {
        return new Document(key(SOURCE, whole.getNumber()), ByteString.copyFromUtf8(network));
    }

    /** The network that the application of a case came from; empty where that was not kept. */
    String sourceOf(ByteString number) {
        return registry.document(key(SOURCE, number))
                .map(ByteString::toStringUtf8)
                .orElse("");
    }

    private static PrefixCase parse(ByteString value) {
        try {
            return PrefixCase.parseFrom(value);
        } catch (InvalidProtocolBufferException e) {
            throw new RegistryException("a case can't be read", e);
        }
    }

    private static ByteString caseKey(ByteString number) {
        return key(CASE, number);
    }

    private static ByteString stepKey(ByteString number, int step) {
        ByteBuffer place = ByteBuffer.allocate(Integer.BYTES).putInt(0, step);
        return key(STEP, number).concat(ByteString.copyFrom(place));
    }

    private static ByteString key(char part, ByteString rest) {
        return ByteString.copyFrom(new byte[] {(byte) part}).concat(rest);
    }

    private static ByteString key(char part, Prefix prefix) {
        return key(part, ByteString.copyFrom(new byte[] {(byte) prefix.scheme().code()}))
                .concat(ByteString.copyFromUtf8(prefix.canonical()));
    }
}
