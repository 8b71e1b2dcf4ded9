package org.waymark.node.resolve;

import java.net.InetAddress;
import org.waymark.record.RecordKey;

/**
 * A look-up, as every face asks it. Immutable.
 *
 * @param authoritative pass the caches and read the registry
 * @param withChain the prefix records above the answer are to come along
 * @param client for whom what is not served here may be looked up at other nodes, where this node does that for this client; null: for
 *     nobody, the node is to answer by itself
 */
public record Query(RecordKey key, Selection selection, boolean authoritative, boolean withChain, InetAddress client) {

    /** A look-up without the prefix records above its answer, which the node answers by itself. */
    public Query(RecordKey key, Selection selection, boolean authoritative) {
        this(key, selection, authoritative, false, null);
    }

    /** A look-up of the whole record, from wherever it is held, which the node answers by itself. */
    public static Query of(RecordKey key) {
        return new Query(key, Selection.ALL, false);
    }

    /**
     * The same for a client that leaves it to this node to ask others.
     *
     * @param asking null: nobody
     */
    public Query onBehalfOf(InetAddress asking) {
        return asking == client ? this : new Query(key, selection, authoritative, withChain, asking);
    }
}
