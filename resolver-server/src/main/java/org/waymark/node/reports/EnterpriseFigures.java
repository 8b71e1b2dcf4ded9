package org.waymark.node.reports;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import org.waymark.node.metrics.OwnerTotals;

/** What happened under one prefix in a day. For use by one thread at a time. */
@JsonAutoDetect(
        fieldVisibility = Visibility.ANY,
        getterVisibility = Visibility.NONE,
        isGetterVisibility = Visibility.NONE)
final class EnterpriseFigures {

    long queries;
    long successes;
    long nanos;
    long leastNanos = -1;
    long mostNanos = -1;
    long peakQueries;
    long peakAt;
    long recordsNew;
    long recordsTotal;
    long prefixesNew;
    long prefixesTotal;

    /** What was answered between two looks, a second apart. */
    void answered(OwnerTotals before, OwnerTotals now, long at) {
        long more = now.answers() - before.answers();
        queries += more;
        successes += now.successes() - before.successes();
        nanos += now.nanos() - before.nanos();
        if (now.leastNanos() >= 0) {
            leastNanos = leastNanos < 0 ? now.leastNanos() : Math.min(leastNanos, now.leastNanos());
            mostNanos = Math.max(mostNanos, now.mostNanos());
        }
        if (more > peakQueries) {
            peakQueries = more;
            peakAt = at;
        }
    }

    /** What a month adds up from its days, in their order. */
    void add(EnterpriseFigures later) {
        queries += later.queries;
        successes += later.successes;
        nanos += later.nanos;
        if (later.leastNanos >= 0) {
            leastNanos = leastNanos < 0 ? later.leastNanos : Math.min(leastNanos, later.leastNanos);
            mostNanos = Math.max(mostNanos, later.mostNanos);
        }
        if (later.peakQueries > peakQueries) {
            peakQueries = later.peakQueries;
            peakAt = later.peakAt;
        }
        recordsNew += later.recordsNew;
        recordsTotal = later.recordsTotal;
        prefixesNew += later.prefixesNew;
        prefixesTotal = later.prefixesTotal;
    }

    /** The same prefix on the next day. */
    EnterpriseFigures nextDay() {
        EnterpriseFigures next = new EnterpriseFigures();
        next.recordsTotal = recordsTotal;
        next.prefixesTotal = prefixesTotal;
        return next;
    }
}
