package org.waymark.ops.redis;

/** Says why a way that seemed open led to no Redis. */
final class RouteException extends Exception {
    private static final long serialVersionUID = 1L;

    RouteException(String message) {
        super(message);
    }

    RouteException(String message, Throwable cause) {
        super(message, cause);
    }
}
