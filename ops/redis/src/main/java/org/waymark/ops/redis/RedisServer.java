package org.waymark.ops.redis;

import java.net.URI;
import java.nio.file.Path;

/**
 * A Redis that answers commands. {@link #close()} gives it back: a process or container of ours ends and its data are
 * deleted; a server that was only named stays as it is.
 *
 * <p>The process can be controlled only where {@link #isOurs()}; elsewhere the methods that control it throw
 * {@link UnsupportedOperationException}. Safe for use by several threads.
 */
public interface RedisServer extends AutoCloseable {
    /** Returns the address, {@code redis://host:port} or as the environment named it, the same for the life of this object. */
    URI uri();

    /** Returns in words how this Redis was had and where it is, without any password. */
    String route();

    /** Returns whether the server is a process that this JVM started, and so can be stopped, killed and paused. */
    default boolean isOurs() {
        return false;
    }

    /** Returns the directory where the server keeps {@code dump.rdb}. */
    default Path dataDir() {
        throw notOurs();
    }

    /**
     * Starts the server again, on the same port and data directory, and waits until it answers. It reads {@code dump.rdb}
     * if there is one. It does not save by itself: ask it to ({@code SAVE}).
     *
     * @throws IllegalStateException if it runs already, does not answer within 30 s, or this object is closed
     */
    default void start() {
        throw notOurs();
    }

    /** Ends the server in an orderly way (SIGTERM) without saving; does nothing if it does not run. */
    default void stop() {
        throw notOurs();
    }

    /** Ends the server at once (SIGKILL), as a crash would; does nothing if it does not run. */
    default void kill() {
        throw notOurs();
    }

    /** Freezes the server (SIGSTOP): its port accepts connections, but nothing is answered until {@link #resume()}. */
    default void pause() {
        throw notOurs();
    }

    /** Lets a paused server go on (SIGCONT). */
    default void resume() {
        throw notOurs();
    }

    @Override
    void close();

    private UnsupportedOperationException notOurs() {
        return new UnsupportedOperationException(
                "this Redis can't be controlled (" + route() + "); use RedisSource.ownProcess()");
    }
}
