package org.waymark.node.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.waymark.trust.KeyId;

/**
 * How many applications nobody has decided about, so that whoever floods the node fills neither its disk nor its operator's list. Not
 * safe for use by many threads.
 */
final class PendingApplications {

    /** Altogether. */
    static final int MOST = 1_000;

    /** Of one key. */
    static final int MOST_OF_KEY = 3;

    /** From one address within an hour, whatever becomes of them. */
    static final int MOST_OF_SOURCE = 60;

    private static final int REMEMBERED_SOURCES = 65_536;

    private final Map<KeyId, Integer> ofKey = new HashMap<>();
    private final Cache<String, Integer> ofSource = Caffeine.newBuilder()
            .maximumSize(REMEMBERED_SOURCES)
            .expireAfterWrite(Duration.ofHours(1))
            .build();
    private int total;

    /** Counts what came from an address. Returns why it is too much; empty where it is not. */
    Optional<String> came(String source) {
        int count = Optional.ofNullable(ofSource.getIfPresent(source)).orElse(0);
        if (count == MOST_OF_SOURCE) {
            return Optional.of(MOST_OF_SOURCE + " applications came from this address; try again in an hour");
        }
        ofSource.put(source, count + 1);
        return Optional.empty();
    }

    /** Why one more of this key is too much; empty where it is not. */
    Optional<String> refusal(KeyId key) {
        if (ofKey.getOrDefault(key, 0) >= MOST_OF_KEY) {
            return Optional.of(
                    MOST_OF_KEY + " applications of this key wait for a decision; no more are taken until then");
        }
        return total >= MOST
                ? Optional.of(MOST + " applications wait for a decision; no more are taken until there are fewer")
                : Optional.empty();
    }

    void opened(KeyId key) {
        ofKey.merge(key, 1, Integer::sum);
        total++;
    }

    void decided(KeyId key) {
        ofKey.computeIfPresent(key, (known, count) -> count == 1 ? null : count - 1);
        total--;
    }
}
