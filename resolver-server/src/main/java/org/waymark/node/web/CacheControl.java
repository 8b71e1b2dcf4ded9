package org.waymark.node.web;

import org.waymark.Limits;

/** Values of {@code Cache-Control} (RFC 9111, section 5.2.2). */
public final class CacheControl {

    /** Not to be kept. */
    public static final String NO_STORE = "no-store";

    private CacheControl() {}

    /**
     * May be kept by anybody for what is left of its life, {@code no-store} where nothing is left. For as long as a prefix record may be
     * kept at most: whoever keeps it does not hear that the prefix was disabled, or a key revoked.
     *
     * @param lifeMillis milliseconds; what is not a whole second is cut off
     */
    public static String publicFor(long lifeMillis) {
        long seconds = Math.min(lifeMillis / 1_000, Limits.PREFIX_TTL_SECONDS);
        return seconds <= 0 ? NO_STORE : "public, max-age=" + seconds;
    }
}
