package org.waymark.identifier;

/**
 * A text is not an identifier, or not a prefix, of its scheme. Says where it stops being one, and what is allowed there.
 */
public final class InvalidIdentifierException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    /** Longer texts are cut in the message. */
    private static final int SHOWN_CHARS = 80;

    private final String text;
    private final int position;
    private final String problem;
    private final String rule;

    /**
     * @param position offset in {@code text}, in chars from 0; the text's length where something is missing at its end
     * @param problem what is wrong, such as "empty segment"
     * @param rule what is allowed
     */
    InvalidIdentifierException(String text, int position, String problem, String rule) {
        super("invalid identifier \"" + shown(text) + "\": " + problem + " at position " + position + "; " + rule);
        this.text = text;
        this.position = position;
        this.problem = problem;
        this.rule = rule;
    }

    /** The text that was refused, in full. It may hold control characters; the message has them escaped. */
    public String text() {
        return text;
    }

    /** Where the fault is: offset in {@link #text()}, in chars from 0. */
    public int position() {
        return position;
    }

    /** What is wrong there, for people. */
    public String problem() {
        return problem;
    }

    /** What is allowed there, for people. */
    public String rule() {
        return rule;
    }

    private static String shown(String text) {
        StringBuilder out = new StringBuilder(SHOWN_CHARS + 16);
        int at = 0;
        while (at < text.length() && at < SHOWN_CHARS) {
            int c = text.codePointAt(at);
            if (c == '"' || c == '\\') {
                out.append('\\').append((char) c);
            } else if (TextRules.isPlain(c) || c == ' ') {
                out.appendCodePoint(c);
            } else {
                out.append(String.format("\\u{%X}", c));
            }
            at += Character.charCount(c);
        }
        if (at < text.length()) {
            out.append("... (").append(text.length()).append(" characters)");
        }
        return out.toString();
    }
}
