package org.waymark.client.bulk;

import java.io.IOException;
import java.util.List;

/**
 * Where an import puts the rows that were not registered. Called by one thread at a time. Each row comes once, also where the
 * import was interrupted and went on, if {@link #continueAt} forgets what was added after the mark.
 */
public interface RejectedRows {

    /**
     * Adds rows, durably, in no particular order.
     *
     * @return a mark that stands for all that was added so far, such as a file's length
     */
    long add(List<RejectedRow> rows) throws IOException;

    /** Forgets what was added after this mark; 0: everything. Called once, before the first row is added. */
    void continueAt(long mark) throws IOException;
}
