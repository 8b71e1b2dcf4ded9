package org.waymark.node.reports;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.waymark.node.metrics.Totals;
import org.waymark.v1.NodeInfo;
import org.waymark.v1.Outcome;

/**
 * Makes faults out of what is counted: looks once a second, and calls a fault over when it has not been seen for a while. For use by
 * one thread.
 */
final class FaultWatch {

    /** A fault that comes again within this time is the same one. */
    static final long QUIET_MILLIS = 30_000;

    /** Malformed requests within {@link #QUIET_MILLIS} that are no accident. */
    static final long MALFORMED_BURST = 50;

    private record Open(String number, long lastSeen) {}

    private final FaultLog log;
    private final Supplier<NodeInfo> info;
    private final Map<String, Open> open = new LinkedHashMap<>();
    private boolean hadRedis;
    private long malformed;
    private long malformedSince;

    FaultWatch(FaultLog log, Supplier<NodeInfo> info) {
        this.log = log;
        this.info = info;
    }

    void look(Totals more, long now) {
        NodeInfo node = info.get();
        List<String> reasons = node.getReasonsList();
        state("registry", !reasons.isEmpty(), FaultKind.SYSTEM, String.join("; ", reasons), now);
        boolean redisAway = node.getRedis().equals("away");
        hadRedis |= node.getRedis().equals("connected");
        state("redis", redisAway && hadRedis || more.redisFaults() > 0, FaultKind.NETWORK, "Redis is away", now);
        if (now - malformedSince > QUIET_MILLIS) {
            malformed = 0;
            malformedSince = now;
        }
        malformed += more.malformed();
        seen(
                "malformed",
                more.malformed() > 0 && malformed >= MALFORMED_BURST,
                FaultKind.ATTACK,
                "many requests that can't be understood",
                now);
        seen("refused", more.refused() > 0, FaultKind.ATTACK, "more connections than the node takes", now);
        seen("slow", more.slow() > 0, FaultKind.OTHER, "clients that take nothing of what they asked for", now);
        seen("busy", more.answered(Outcome.BUSY) > 0, FaultKind.OTHER, "more requests than the node can answer", now);
        seen("error", more.answered(Outcome.ERROR) > 0, FaultKind.SYSTEM, "look-ups that the node failed at", now);
    }

    /** A fault that is there or not. */
    private void state(String name, boolean isThere, FaultKind kind, String cause, long now) {
        if (isThere && !open.containsKey(name)) {
            open.put(name, new Open(log.begin(kind, cause, now), now));
        } else if (!isThere && open.containsKey(name)) {
            log.end(open.remove(name).number(), now);
        }
    }

    /** A fault that is seen only where it strikes. */
    private void seen(String name, boolean isSeen, FaultKind kind, String cause, long now) {
        Open before = open.get(name);
        if (isSeen) {
            open.put(name, new Open(before == null ? log.begin(kind, cause, now) : before.number(), now));
        } else if (before != null && now - before.lastSeen() >= QUIET_MILLIS) {
            open.remove(name);
            log.end(before.number(), now);
        }
    }

    /** The node ends: what is still open is over, as far as this run knows. */
    void close(long now) {
        open.values().forEach(fault -> log.end(fault.number(), now));
        open.clear();
    }
}
