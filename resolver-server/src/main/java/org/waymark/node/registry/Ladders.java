package org.waymark.node.registry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.waymark.identifier.Prefix;
import org.waymark.trust.PrefixRecord;

/**
 * What the ladders of a group of records were found to be. Records of one owner have one ladder, so that it is looked up once for
 * all of them; the conditions of their writes make sure that it still is so when they are committed. Not safe for use by many threads.
 */
final class Ladders {

    /**
     * The registered prefixes of a ladder.
     *
     * @param elsewhere the longest one that has a node of its own
     * @param isServed whether it is known where what is under it is served
     * @param fault why nothing is in force under it, or null
     * @param conditions that each rung is what it was
     */
    record Ladder(
            PrefixChain chain,
            Optional<PrefixRecord> elsewhere,
            boolean isServed,
            String fault,
            List<Condition> conditions) {}

    private final PrefixTable prefixes;
    private final Homes homes;
    private final Map<Prefix, Ladder> known = new HashMap<>();

    Ladders(PrefixTable prefixes, Homes homes) {
        this.prefixes = prefixes;
        this.homes = homes;
    }

    /**
     * The ladder that has this prefix at its foot.
     *
     * @param now UTC epoch milliseconds
     */
    Ladder from(Prefix longest, long now) {
        Ladder ladder = known.get(longest);
        if (ladder == null) {
            ladder = look(longest.ladder(), now);
            known.put(longest, ladder);
        }
        return ladder;
    }

    private Ladder look(List<Prefix> rungs, long now) {
        PrefixChain chain = prefixes.chain(rungs);
        List<Condition> conditions = rungs.stream()
                .map(prefix -> new Condition(
                        PrefixTable.keyOf(prefix),
                        chain.links().stream()
                                .filter(link -> link.prefix().equals(prefix))
                                .mapToLong(link -> link.record().version())
                                .findFirst()
                                .orElse(0)))
                .toList();
        return new Ladder(chain, homes.servedElsewhere(chain), homes.knowsWhere(chain), fault(chain, now), conditions);
    }

    private static String fault(PrefixChain chain, long now) {
        return chain.firstBreak()
                .map(Ladders::describe)
                .or(() -> chain.links().stream()
                        .filter(link -> link.record().isExpired(now))
                        .map(link -> link.prefix() + " has expired")
                        .findFirst())
                .orElse(null);
    }

    private static String describe(PrefixChain.Break fault) {
        if (fault instanceof PrefixChain.Break.NotSigned notSigned) {
            return notSigned.prefix().prefix()
                    + " is no longer signed by the prefix above it: that has a new owner, or was registered later";
        }
        PrefixRecord revoked = ((PrefixChain.Break.Revoked) fault).saysSo();
        return revoked.record().isRevoked()
                ? revoked.prefix() + " is revoked"
                : revoked.prefix() + " no longer has the key by which it signed the prefix below it";
    }

    /** Forgets all: something was committed, or is to be looked at anew. */
    void clear() {
        known.clear();
    }
}
