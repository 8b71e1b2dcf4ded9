package org.waymark.node.endpoint.http;

/** Text on its way into a page. Whatever comes from outside goes through {@link #text}. */
final class Html {

    private final StringBuilder out = new StringBuilder(4_096);

    /** Adds markup, which is the page's own. */
    Html raw(String markup) {
        out.append(markup);
        return this;
    }

    /** Adds a text between tags or in a quoted attribute: it can't end either. */
    Html text(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> out.append("&amp;");
                case '<' -> out.append("&lt;");
                case '>' -> out.append("&gt;");
                case '"' -> out.append("&quot;");
                case '\'' -> out.append("&#39;");
                default -> {
                    if (isDisplayed(c)) {
                        out.append(c);
                    } else {
                        out.append('\uFFFD');
                    }
                }
            }
        }
        return this;
    }

    /** No control characters, and none that would change the direction of what follows. */
    private static boolean isDisplayed(char c) {
        boolean bidi = (c >= '\u202A' && c <= '\u202E') || (c >= '\u2066' && c <= '\u2069');
        return c == '\n' || c == '\t' || (!Character.isISOControl(c) && !bidi);
    }

    @Override
    public String toString() {
        return out.toString();
    }
}
