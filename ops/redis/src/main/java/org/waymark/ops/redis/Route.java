package org.waymark.ops.redis;

import java.util.Optional;

/** One way of having a Redis. */
interface Route {
    /**
     * Returns a Redis that answers, or nothing where this way is not open on this machine.
     *
     * @throws RouteException if the way is open but led to no Redis
     */
    Optional<RedisServer> take() throws RouteException;
}
