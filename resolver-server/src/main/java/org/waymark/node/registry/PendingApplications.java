package org.waymark.node.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.waymark.trust.KeyId;

/**
 * The applications that nobody has decided about, so that whoever floods the node fills neither its disk nor its operator's list. Not
 * safe for use by many threads.
 */
final class PendingApplications {

    /** Altogether. */
    static final int MOST = 1_000;

    /** Of one key. */
    static final int MOST_OF_KEY = 3;

    /** From one network: as many as wait, and as many as come within an hour, whatever becomes of them. */
    static final int MOST_OF_SOURCE = 60;

    private static final int REMEMBERED_SOURCES = 65_536;

    /**
     * An application that waits.
     *
     * @param source the network that it came from; empty where that is not known
     * @param lapsesAt UTC epoch milliseconds; the largest number where it does not
     */
    record Waiting(KeyId key, String source, long lapsesAt) {}

    private final Map<ByteString, Waiting> waiting = new HashMap<>();
    private final Cache<String, Integer> ofSource = Caffeine.newBuilder()
            .maximumSize(REMEMBERED_SOURCES)
            .expireAfterWrite(Duration.ofHours(1))
            .build();

    /** Counts what came from a network. Returns why it is too much; empty where it is not. */
    Optional<String> came(String source) {
        int count = Optional.ofNullable(ofSource.getIfPresent(source)).orElse(0);
        if (count == MOST_OF_SOURCE) {
            return Optional.of(MOST_OF_SOURCE + " applications came from this network; try again in an hour");
        }
        ofSource.put(source, count + 1);
        return Optional.empty();
    }

    /** Why one more is too much; empty where it is not. */
    Optional<String> refusal(KeyId key, String source, long now) {
        waiting.values().removeIf(one -> one.lapsesAt() <= now);
        if (count(one -> one.key().equals(key)) >= MOST_OF_KEY) {
            return Optional.of(
                    MOST_OF_KEY + " applications of this key wait for a decision; no more are taken until then");
        }
        if (count(one -> one.source().equals(source)) >= MOST_OF_SOURCE) {
            return Optional.of(MOST_OF_SOURCE
                    + " applications from this network wait for a decision; no more are taken until there are fewer");
        }
        return waiting.size() >= MOST
                ? Optional.of(MOST + " applications wait for a decision; no more are taken until there are fewer")
                : Optional.empty();
    }

    private long count(Predicate<Waiting> which) {
        return waiting.values().stream().filter(which).count();
    }

    /** An application waits, for the first time or in another way than before. */
    void waits(ByteString number, Waiting how) {
        waiting.put(number, how);
    }

    void decided(ByteString number) {
        waiting.remove(number);
    }
}
