package org.waymark.node.cache;

import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.push.PushMessage;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.waymark.record.RecordKey;

/**
 * The part of a node whose registry is elsewhere: it believes Redis, and its near cache, while it sees the writer's heartbeat over an
 * unbroken link on which Redis tells of every change (RESP3 client tracking in broadcast mode). Heartbeats are read on that same link,
 * so whoever has seen one has heard of every change before it.
 */
final class RedisFollower implements RedisRole, NearCacheTrust {

    private final RedisKeys keys;
    private final PrefixGenerations generations;
    private volatile Consumer<RecordKey> invalidation;
    private volatile State state = State.NOTHING;
    /** Numbers the spans of unbroken trust; written under the monitor. */
    private long lastEpoch;

    RedisFollower(RedisKeys keys, PrefixGenerations generations) {
        this.keys = keys;
        this.generations = generations;
    }

    @Override
    public void start(Consumer<RecordKey> onChange) {
        invalidation = onChange;
    }

    /**
     * What is known of one connection. Immutable.
     *
     * @param firstCount of the first heartbeat that was seen: a later one proves that the writer has caught up since
     * @param isConfirmed whether a later one was seen
     * @param trustedUntil by {@code System.nanoTime}
     * @param announcements how often prefix changes were announced
     * @param generationsKnown whether all prefix changes that were announced have been read
     */
    private record State(
            RedisSession session,
            long epoch,
            String space,
            long firstCount,
            boolean isConfirmed,
            long published,
            long trustedUntil,
            long announcements,
            boolean generationsKnown) {

        static final State NOTHING = new State(null, NONE, "", 0, false, 0, 0, 0, false);

        /** Nothing is believed of a space before a second heartbeat and its prefix changes have been seen. */
        static State begin(RedisSession session, long epoch, String space, long firstCount, long published) {
            return new State(session, epoch, space, firstCount, false, published, System.nanoTime(), 0, false);
        }

        boolean isTrusted() {
            return session != null && isConfirmed && generationsKnown && System.nanoTime() - trustedUntil < 0;
        }

        State announced() {
            return new State(
                    session, epoch, space, firstCount, isConfirmed, published, trustedUntil, announcements + 1, false);
        }

        State withGenerationsKnown() {
            return new State(
                    session, epoch, space, firstCount, isConfirmed, published, trustedUntil, announcements, true);
        }

        State inEpoch(long other) {
            return begin(session, other, space, firstCount, published);
        }

        State after(RedisHeartbeat beat, long until) {
            boolean confirmed = isConfirmed || beat.count() != firstCount;
            return new State(
                    session,
                    epoch,
                    space,
                    firstCount,
                    confirmed,
                    beat.published(),
                    until,
                    announcements,
                    generationsKnown);
        }
    }

    @Override
    public void opened(RedisSession session) {
        synchronized (this) {
            state = State.begin(session, ++lastEpoch, "", 0, 0);
        }
        session.connection().addListener(message -> heard(session, message));
        session.sync()
                .clientTracking(TrackingArgs.Builder.enabled().bcast().noloop().prefixes(keys.trackedPrefix()));
    }

    private void heard(RedisSession session, PushMessage message) {
        if (!message.getType().equals("invalidate")) {
            return;
        }
        List<Object> content = message.getContent();
        Object changed = content.size() > 1 ? content.get(1) : null;
        State known = state;
        if (known.session() != session) {
            return;
        }
        if (!(changed instanceof List<?> redisKeys)) {
            // Redis was flushed: begin anew rather than reason about what is left.
            synchronized (this) {
                state = state.session() == session ? state.inEpoch(++lastEpoch) : state;
            }
            return;
        }
        byte[] generationsKey = keys.generations(known.space());
        for (Object redisKey : redisKeys) {
            byte[] bytes = bytesOf(redisKey);
            if (Arrays.equals(bytes, generationsKey)) {
                announced(session);
            } else {
                keys.recordKeyOf(known.space(), bytes).ifPresent(invalidation);
            }
        }
    }

    private void announced(RedisSession session) {
        State asking;
        synchronized (this) {
            if (state.session() != session) {
                return;
            }
            asking = state.announced();
            state = asking;
        }
        readGenerations(asking);
    }

    private static byte[] bytesOf(Object redisKey) {
        if (redisKey instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) redisKey;
    }

    /** Reads the prefix changes, to know all that were announced so far. */
    private void readGenerations(State asking) {
        asking.session()
                .connection()
                .async()
                .hgetall(keys.generations(asking.space()))
                .thenAccept(hash -> RedisGenerations.decode(hash).ifPresent(changes -> learn(asking, changes)));
    }

    private void learn(State asking, Map<RecordKey, Long> changes) {
        changes.forEach(generations::changed);
        synchronized (this) {
            boolean isLast = state.epoch() == asking.epoch() && state.announcements() == asking.announcements();
            state = isLast ? state.withGenerationsKnown() : state;
        }
    }

    @Override
    public void tick(RedisSession session) {
        long asked = System.nanoTime();
        Optional<RedisHeartbeat> heartbeat =
                session.heartbeat().filter(beat -> beat.runId().equals(session.runId()));
        if (heartbeat.isEmpty()) {
            return;
        }
        RedisHeartbeat beat = heartbeat.get();
        long life = TimeUnit.MILLISECONDS.toNanos(session.heartbeatLifeMillis());
        State next;
        synchronized (this) {
            if (state.session() != session) {
                return;
            }
            next = state.space().equals(beat.space())
                    ? state.after(beat, asked + life)
                    : State.begin(session, ++lastEpoch, beat.space(), beat.count(), beat.published());
            state = next;
        }
        // Again at every tick until a reply has come: the one before may have timed out.
        if (!next.generationsKnown()) {
            readGenerations(next);
        }
    }

    @Override
    public synchronized void closed() {
        state = State.NOTHING;
    }

    @Override
    public Optional<RedisView> view() {
        State known = state;
        return known.isTrusted() && known.session().isUsable()
                ? Optional.of(new RedisView(known.session(), known.space(), known.published()))
                : Optional.empty();
    }

    @Override
    public long epoch() {
        State known = state;
        return known.isTrusted() && known.session().isOpen() ? known.epoch() : NONE;
    }

    @Override
    public void close() {
        closed();
    }
}
