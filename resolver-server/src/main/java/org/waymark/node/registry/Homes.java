package org.waymark.node.registry;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.waymark.identifier.Prefix;
import org.waymark.trust.Anchor;
import org.waymark.trust.PrefixRecord;

/**
 * The prefixes that a node stands for: their own node addresses are this node's, and what is under them is served here unless it has a
 * node of its own. Immutable.
 */
public record Homes(Set<Prefix> prefixes) {

    public Homes {
        prefixes = Set.copyOf(prefixes);
    }

    /** Those of a node that stands for the roots that it was set up with. */
    public static Homes ofRoots(Set<Anchor> roots) {
        return new Homes(roots.stream().map(Anchor::prefix).collect(Collectors.toSet()));
    }

    /** The longest prefix of a chain that is served by a node of its own, and not here. */
    public Optional<PrefixRecord> servedElsewhere(PrefixChain chain) {
        for (PrefixRecord link : chain.links()) {
            if (prefixes.contains(link.prefix())) {
                return Optional.empty();
            }
            if (!link.addresses().isEmpty()) {
                return Optional.of(link);
            }
        }
        return Optional.empty();
    }

    /** True where what is under this chain is served here, or by a node that the chain names. */
    public boolean knowsWhere(PrefixChain chain) {
        return chain.links().stream()
                .anyMatch(link ->
                        prefixes.contains(link.prefix()) || !link.addresses().isEmpty());
    }

    /** True for the prefixes that this node stands for and those above: it holds their records, whoever serves them. */
    public boolean areBelow(Prefix prefix) {
        return prefixes.stream().anyMatch(prefix::covers);
    }
}
