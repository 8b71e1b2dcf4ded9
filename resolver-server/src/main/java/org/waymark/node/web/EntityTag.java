package org.waymark.node.web;

import java.util.Optional;

/** Entity tags (RFC 9110, sections 8.8.3 and 13.1.2). */
public final class EntityTag {

    private EntityTag() {}

    /**
     * A strong tag, in its quotes.
     *
     * @param opaque visible ASCII without quotes
     */
    public static String strong(String opaque) {
        return '"' + opaque + '"';
    }

    /**
     * True if the client has this representation already: answer 304. The comparison is the weak one, as for every GET.
     *
     * @param ifNoneMatch value of {@code If-None-Match}
     * @param tag what the answer would carry
     */
    public static boolean isHeld(Optional<String> ifNoneMatch, String tag) {
        if (ifNoneMatch.isEmpty()) {
            return false;
        }
        String held = ifNoneMatch.get().strip();
        if (held.equals("*")) {
            return true;
        }
        int at = 0;
        while (at < held.length()) {
            int open = held.indexOf('"', at);
            int close = open < 0 ? -1 : held.indexOf('"', open + 1);
            if (close < 0) {
                return false;
            }
            if (held.regionMatches(open, tag, 0, tag.length()) && close - open + 1 == tag.length()) {
                return true;
            }
            at = close + 1;
        }
        return false;
    }
}
