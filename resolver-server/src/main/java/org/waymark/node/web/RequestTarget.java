package org.waymark.node.web;

/**
 * A request target (RFC 9112, section 3.2) in origin-form, without fragment.
 *
 * @param target path and query
 * @param path without the query
 */
record RequestTarget(String target, String path) {

    /** Null where it is none that a server takes. */
    static RequestTarget of(String raw) {
        String target = raw;
        if (!raw.startsWith("/")) {
            int scheme = raw.regionMatches(true, 0, "http://", 0, 7)
                    ? 7
                    : raw.regionMatches(true, 0, "https://", 0, 8) ? 8 : -1;
            if (scheme < 0) {
                return null;
            }
            int slash = raw.indexOf('/', scheme);
            int question = raw.indexOf('?', scheme);
            if (question >= 0 && (slash < 0 || question < slash)) {
                target = "/" + raw.substring(question);
            } else {
                target = slash < 0 ? "/" : raw.substring(slash);
            }
        }
        for (int i = 0; i < target.length(); i++) {
            char c = target.charAt(i);
            if (c <= ' ' || c > '~' || c == '#') {
                return null;
            }
        }
        int question = target.indexOf('?');
        return new RequestTarget(target, question < 0 ? target : target.substring(0, question));
    }
}
