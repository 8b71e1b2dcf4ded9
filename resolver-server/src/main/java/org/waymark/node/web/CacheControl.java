package org.waymark.node.web;

/** Values of {@code Cache-Control} (RFC 9111, section 5.2.2). */
public final class CacheControl {

    /** Not to be kept. */
    public static final String NO_STORE = "no-store";

    private CacheControl() {}

    /**
     * May be kept by anybody for what is left of its life, {@code no-store} where nothing is left.
     *
     * @param lifeMillis milliseconds; what is not a whole second is cut off
     */
    public static String publicFor(long lifeMillis) {
        long seconds = lifeMillis / 1_000;
        return seconds <= 0 ? NO_STORE : "public, max-age=" + seconds;
    }
}
