package org.waymark.node.registry;

import java.util.List;

/** Hears of commits. */
@FunctionalInterface
public interface CommitListener {

    /**
     * These changes are durable and visible to readers of records, but not acknowledged yet: {@link
     * Registry#lastSequence()} and the change feed show them, and the futures of their commits complete, after all
     * listeners have returned. So what a listener renews is never older than the number that a reader takes. Called on the writer's thread, in the order of the commits, so a listener must
     * be quick, and must neither wait for a commit nor close the registry. What it throws is logged and changes
     * nothing.
     *
     * @param changes one or more, ascending
     */
    void committed(List<Change> changes);
}
