package org.waymark.node.cache;

import java.util.Optional;
import java.util.function.Consumer;
import org.waymark.record.RecordKey;

/** What a node is to Redis: the writer that publishes to it, or a follower that believes it. */
interface RedisRole extends AutoCloseable {

    /**
     * Called once, before the first connection.
     *
     * @param invalidation is told the keys of records that others changed; it must not block
     */
    void start(Consumer<RecordKey> invalidation);

    /** A new connection is there. May block; throws where the role can't take it up. */
    void opened(RedisSession session);

    /** Called a few times a second while the connection lasts. May block; throws where the connection is of no more use. */
    void tick(RedisSession session);

    /** The connection has ended. */
    void closed();

    /** What look-ups may use now; empty where they must go past Redis. Never blocks. */
    Optional<RedisView> view();

    /** Ends what the role does by itself. Called before the last connection ends. */
    @Override
    void close();
}
