package org.waymark.log;

/** Bytes of a log that are not what their format allows. The message says where. */
public final class LogFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    public LogFormatException(String message) {
        super(message);
    }
}
