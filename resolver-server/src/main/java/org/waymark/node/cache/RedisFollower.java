package org.waymark.node.cache;

import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.push.PushMessage;
import java.nio.charset.StandardCharsets;
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
            boolean generationsKnown) {

        static final State NOTHING = new State(null, NONE, "", 0, false, 0, 0, false);

        boolean isTrusted() {
            return session != null && isConfirmed && generationsKnown && System.nanoTime() - trustedUntil < 0;
        }

        State withGenerationsKnown(boolean known) {
            return new State(session, epoch, space, firstCount, isConfirmed, published, trustedUntil, known);
        }

        State inEpoch(long other) {
            return new State(session, other, space, firstCount, isConfirmed, published, trustedUntil, generationsKnown);
        }
    }

    @Override
    public void opened(RedisSession session) {
        synchronized (this) {
            state = new State(session, ++lastEpoch, "", 0, false, 0, System.nanoTime(), false);
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
                synchronized (this) {
                    state = state.session() == session ? state.withGenerationsKnown(false) : state;
                }
                readGenerations(session, known.space());
            } else {
                keys.recordKeyOf(known.space(), bytes).ifPresent(invalidation);
            }
        }
    }

    private static byte[] bytesOf(Object redisKey) {
        if (redisKey instanceof java.nio.ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) redisKey;
    }

    /** Reads the prefix changes again. Replies and announcements come in order, so the last reply to come knows all of them. */
    private void readGenerations(RedisSession session, String space) {
        session.connection()
                .async()
                .hgetall(keys.generations(space))
                .thenAccept(changes -> learn(session, space, changes));
    }

    private void learn(RedisSession session, String space, Map<byte[], byte[]> changes) {
        changes.forEach((key, sequence) -> generations.changed(RecordKey.decode(key), decimal(sequence)));
        synchronized (this) {
            if (state.session() == session && state.space().equals(space)) {
                state = state.withGenerationsKnown(true);
            }
        }
    }

    @Override
    public void tick(RedisSession session) {
        long asked = System.nanoTime();
        Optional<RedisHeartbeat> heartbeat = RedisHeartbeat.decode(
                        session.sync().get(keys.heartbeat()))
                .filter(beat -> beat.runId().equals(session.runId()));
        if (heartbeat.isEmpty()) {
            return;
        }
        RedisHeartbeat beat = heartbeat.get();
        long life = TimeUnit.MILLISECONDS.toNanos(session.heartbeatLifeMillis());
        boolean mustReadGenerations;
        synchronized (this) {
            State known = state;
            if (known.session() != session) {
                return;
            }
            boolean isNewSpace = !known.space().equals(beat.space());
            state = isNewSpace
                    ? new State(session, ++lastEpoch, beat.space(), beat.count(), false, beat.published(), asked, false)
                    : new State(
                            session,
                            known.epoch(),
                            known.space(),
                            known.firstCount(),
                            known.isConfirmed() || beat.count() != known.firstCount(),
                            beat.published(),
                            asked + life,
                            known.generationsKnown());
            // Again at every tick until a reply has come: the one before may have timed out.
            mustReadGenerations = !state.generationsKnown();
        }
        if (mustReadGenerations) {
            readGenerations(session, beat.space());
        }
    }

    static long decimal(byte[] digits) {
        return Long.parseLong(new String(digits, StandardCharsets.US_ASCII));
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
