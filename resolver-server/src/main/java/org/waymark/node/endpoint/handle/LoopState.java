package org.waymark.node.endpoint.handle;

import io.netty.channel.EventLoop;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.waymark.node.resolve.ReadyAnswers;

/**
 * What the connections of one event loop share: room for look-ups, and the watch over their clients' patience, which looks a few
 * times within the shortest limit. To be used on that event loop only.
 */
final class LoopState {

    private static final int LOOKS = 4;
    private static final long MOST_PERIOD_MILLIS = 1_000;

    private final EventLoop loop;
    private final long periodMillis;
    private final ReadyLookups lookups;
    private final Set<HandleConnection> connections = new HashSet<>();
    private boolean looking;

    LoopState(EventLoop loop, HandleOptions options, ReadyAnswers ready, Clock clock) {
        this.loop = loop;
        lookups = new ReadyLookups(ready, clock);
        long shortest = Math.min(millis(options.messageTimeout()), millis(options.idleTimeout()));
        periodMillis = Math.max(1, Math.min(MOST_PERIOD_MILLIS, shortest / LOOKS));
    }

    private static long millis(Duration time) {
        return time.toMillis();
    }

    ReadyLookups lookups() {
        return lookups;
    }

    void add(HandleConnection connection) {
        connections.add(connection);
        if (!looking) {
            looking = true;
            loop.scheduleAtFixedRate(this::look, periodMillis, periodMillis, TimeUnit.MILLISECONDS);
        }
    }

    void remove(HandleConnection connection) {
        connections.remove(connection);
    }

    private void look() {
        long now = System.nanoTime();
        List<HandleConnection> all = new ArrayList<>(connections);
        all.forEach(connection -> connection.look(now));
    }
}
