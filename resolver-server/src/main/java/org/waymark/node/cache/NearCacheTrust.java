package org.waymark.node.cache;

/** Whether invalidations reach this node's near cache. Entries of another epoch are not served, except as stale. */
public interface NearCacheTrust {

    /** The epoch in which nothing may be served. */
    long NONE = 0;

    /** Trust without end: for the node that holds the registry, whose commits invalidate the near cache directly. */
    NearCacheTrust ALWAYS = () -> 1;

    /** A number that changes whenever an invalidation may have been missed; {@link #NONE} while trust is lost. */
    long epoch();
}
