package org.waymark.node.registry;

import java.util.List;

/** Hears of commits. */
@FunctionalInterface
public interface CommitListener {

    /**
     * These changes are durable and visible to readers, but not acknowledged yet: the futures of their commits complete
     * after all listeners have returned. Called on the writer's thread, in the order of the commits, so a listener must
     * be quick, and must neither wait for a commit nor close the registry. What it throws is logged and changes
     * nothing.
     *
     * @param changes one or more, ascending
     */
    void committed(List<Change> changes);
}
