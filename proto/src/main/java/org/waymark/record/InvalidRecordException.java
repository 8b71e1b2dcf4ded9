package org.waymark.record;

/** A record, or a part of one, breaks the format. Says which field and which rule. */
public final class InvalidRecordException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String field;
    private final String rule;
    private final boolean overLimit;

    public InvalidRecordException(String field, String rule) {
        this(field, rule, false);
    }

    private InvalidRecordException(String field, String rule, boolean overLimit) {
        super(field + " " + rule);
        this.field = field;
        this.rule = rule;
        this.overLimit = overLimit;
    }

    /** A size or a count that is over its limit. */
    public static InvalidRecordException overLimit(String field, String what, long actual, long limit) {
        return new InvalidRecordException(
                field, "has " + actual + " " + what + "; at most " + limit + " are allowed", true);
    }

    /** The same fault, seen from the message that holds the field. */
    InvalidRecordException within(String message) {
        return new InvalidRecordException(message + "." + field, rule, overLimit);
    }

    /** The field at fault, such as {@code header.version} or {@code values[3].data}; indexes count from 0. */
    public String field() {
        return field;
    }

    /** What is wrong and what is allowed. */
    public String rule() {
        return rule;
    }

    /** True where a size or a count is over its limit. */
    public boolean isOverLimit() {
        return overLimit;
    }
}
