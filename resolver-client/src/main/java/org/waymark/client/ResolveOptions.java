package org.waymark.client;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.waymark.Limits;

/**
 * What a look-up asks for. Immutable.
 *
 * @param indexes only values with one of these indexes, 1 to 2^32 - 1
 * @param types only values of one of these types; one that ends with a dot means that type without the dot and all that start
 *     with it. Where indexes and types are both empty: all values. At most {@link Limits#SELECTORS} of each
 * @param authoritative passes the caches of the node and of this client
 */
public record ResolveOptions(Set<Long> indexes, List<String> types, boolean authoritative) {

    /** All values, from wherever they are held. */
    public static final ResolveOptions ALL = new ResolveOptions(Set.of(), List.of(), false);

    /**
     * @throws IllegalArgumentException if there are too many selectors or an index is out of range
     */
    public ResolveOptions {
        indexes = Set.copyOf(indexes);
        types = List.copyOf(types);
        if (indexes.size() > Limits.SELECTORS || types.size() > Limits.SELECTORS) {
            throw new IllegalArgumentException(
                    "at most " + Limits.SELECTORS + " indexes and as many types may be selected");
        }
        for (long index : indexes) {
            if (index < 1 || index > 0xFFFF_FFFFL) {
                throw new IllegalArgumentException("an index must be 1 to 4294967295, not " + index);
            }
        }
    }

    public ResolveOptions withIndexes(Collection<Long> selected) {
        return new ResolveOptions(Set.copyOf(selected), types, authoritative);
    }

    public ResolveOptions withTypes(Collection<String> selected) {
        return new ResolveOptions(indexes, List.copyOf(selected), authoritative);
    }

    /** The same, read from the registry. */
    public ResolveOptions authoritatively() {
        return new ResolveOptions(indexes, types, true);
    }
}
