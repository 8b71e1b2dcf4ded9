package org.waymark.node.cache;

import com.google.protobuf.ByteString;
import io.lettuce.core.RedisCommandExecutionException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.metrics.NodeMetrics;
import org.waymark.node.registry.Change;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RegistryClosedException;
import org.waymark.node.resolve.AuthorityReader;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RecordKind;

/**
 * The writer's part: brings what was committed into Redis, from a cursor that survives restarts, and renews the heartbeat while it is
 * caught up. One thread publishes; look-ups only read {@link #view}.
 */
final class RedisPublisher implements RedisRole {

    private static final Logger LOG = LoggerFactory.getLogger(RedisPublisher.class);

    private static final String STATE_NOTE = "redis.state";
    private static final int BATCH = 256;
    private static final long BATCH_PATIENCE_SECONDS = 10;
    /** Further behind than this, a fresh space is cheaper than catching up. */
    private static final long MAX_BACKLOG = 100_000;

    private final Registry registry;
    private final AuthorityReader authority;
    private final PrefixGenerations generations;
    private final RedisKeys keys;
    private final Clock clock;
    private final NodeMetrics metrics;
    private final Thread thread = new Thread(this::publish, "redis-publisher");

    private volatile RedisView current;
    private volatile boolean closed;
    private long lastSequenceAtTick;
    private long heartbeats;

    RedisPublisher(
            Registry registry,
            AuthorityReader authority,
            PrefixGenerations generations,
            RedisKeys keys,
            Clock clock,
            NodeMetrics metrics) {
        this.registry = registry;
        this.authority = authority;
        this.generations = generations;
        this.keys = keys;
        this.clock = clock;
        this.metrics = metrics;
        thread.setDaemon(true);
    }

    /** The writer's own commits reach its near cache directly, so it needs not hear of any change from Redis. */
    @Override
    public void start(Consumer<RecordKey> invalidation) {
        thread.start();
    }

    /** Which space of which run of Redis holds what was published, and how far; kept in the registry. */
    private record State(String incarnation, String runId, String space, long cursor) {

        ByteString encode() {
            return ByteString.copyFromUtf8(incarnation + " " + runId + " " + space + " " + cursor);
        }

        static Optional<State> decode(ByteString note) {
            String[] parts = note.toString(StandardCharsets.UTF_8).split(" ");
            return parts.length == 4
                    ? Optional.of(new State(parts[0], parts[1], parts[2], Long.parseLong(parts[3])))
                    : Optional.empty();
        }
    }

    @Override
    public void opened(RedisSession session) {
        Optional<State> known = registry.note(STATE_NOTE)
                .flatMap(State::decode)
                .filter(state -> state.incarnation().equals(registry.incarnation())
                        && state.runId().equals(session.runId())
                        && registry.lastSequence() - state.cursor() <= MAX_BACKLOG);
        Optional<Map<RecordKey, Long>> changes = known.flatMap(state -> prefixChanges(session, state.space()));
        State state = changes.isPresent() ? known.get() : newState(session);
        session.becomePublisher(state.space());
        changes.ifPresent(ofSpace -> ofSpace.forEach(generations::changed));
        lastSequenceAtTick = Long.MAX_VALUE;
        synchronized (this) {
            current = new RedisView(session, state.space(), state.cursor());
            notifyAll();
        }
    }

    /** The prefix changes of a space; empty where Redis has lost them. */
    private Optional<Map<RecordKey, Long>> prefixChanges(RedisSession session, String space) {
        try {
            return RedisGenerations.decode(session.sync().hgetall(keys.generations(space)));
        } catch (RedisCommandExecutionException e) {
            LOG.atWarn().setCause(e).log("Redis holds something else in place of the prefix changes");
            return Optional.empty();
        }
    }

    /** A space that nobody has filled: there is nothing in it that would have to be brought up to date. */
    private State newState(RedisSession session) {
        String space = HexFormat.of().formatHex(RedisSession.randomToken());
        State state = new State(registry.incarnation(), session.runId(), space, registry.lastSequence());
        registry.putNote(STATE_NOTE, state.encode());
        return state;
    }

    @Override
    public void tick(RedisSession session) {
        RedisView view = current;
        if (view == null || view.session() != session) {
            throw new IllegalStateException("publishing failed");
        }
        if (!session.isPublisher(view.space())) {
            throw new IllegalStateException("Redis has lost what was published, or another connection publishes");
        }
        if (view.published() >= lastSequenceAtTick) {
            RedisHeartbeat heartbeat =
                    new RedisHeartbeat(view.space(), session.runId(), view.published(), ++heartbeats);
            session.renewHeartbeat(heartbeat);
        }
        lastSequenceAtTick = registry.lastSequence();
    }

    @Override
    public synchronized void closed() {
        current = null;
    }

    @Override
    public Optional<RedisView> view() {
        RedisView view = current;
        return view != null && view.session().isUsable() ? Optional.of(view) : Optional.empty();
    }

    private void publish() {
        while (!closed) {
            RedisView view = current;
            try {
                if (view == null) {
                    awaitSession();
                } else if (registry.awaitChange(view.published(), RedisConnector.TICK)) {
                    List<Change> changes = registry.changes(view.published(), BATCH);
                    publish(view, changes);
                    advance(view, changes.get(changes.size() - 1).sequence());
                    countEffect(changes);
                }
            } catch (InterruptedException | RegistryClosedException e) {
                return;
            } catch (RuntimeException | ExecutionException | TimeoutException e) {
                LOG.atDebug().setCause(e).log("publishing to Redis failed");
                // The connector notices at its next tick and opens a new connection; publishing goes on from the same
                // place.
                drop(view);
            }
        }
    }

    private synchronized void awaitSession() throws InterruptedException {
        if (current == null && !closed) {
            wait(RedisConnector.TICK.toMillis());
        }
    }

    private synchronized void drop(RedisView view) {
        if (current != null && view != null && current.session() == view.session()) {
            current = null;
        }
    }

    private void publish(RedisView view, List<Change> changes)
            throws InterruptedException, ExecutionException, TimeoutException {
        Set<RecordKey> changed = new LinkedHashSet<>();
        List<CompletableFuture<?>> commands = new ArrayList<>();
        for (Change change : changes) {
            if (change.key().kind() == RecordKind.PREFIX) {
                generations.changed(change.key(), change.sequence());
                commands.add(view.session()
                        .publishGeneration(view.space(), change.key(), change.sequence())
                        .toCompletableFuture());
            }
            changed.add(change.key());
        }
        for (RecordKey key : changed) {
            StoredAnswer answer = authority.read(key);
            long life = answer.lifeMillis(clock.millis());
            // What is denied has to be signed: it comes with the next fill.
            boolean isServable = answer.isCacheable() && answer.outcome() != Outcome.NOT_FOUND;
            commands.add((isServable && life > 0
                            ? view.session().write(view.space(), key, answer, life)
                            : view.session().remove(view.space(), key))
                    .toCompletableFuture());
        }
        CompletableFuture.allOf(commands.toArray(CompletableFuture[]::new))
                .get(BATCH_PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** The first of them waited longest: none of the others took more time. */
    private void countEffect(List<Change> changes) {
        Change first = changes.get(0);
        registry.read(first.key(), first.version())
                .ifPresent(stored ->
                        metrics.tookEffect(Math.max(0, clock.millis() - stored.committedAt()), changes.size()));
    }

    private synchronized void advance(RedisView view, long published) {
        if (current == null || current.session() != view.session()) {
            return;
        }
        State state = new State(registry.incarnation(), view.session().runId(), view.space(), published);
        registry.putNote(STATE_NOTE, state.encode());
        current = new RedisView(view.session(), view.space(), published);
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(BATCH_PATIENCE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
