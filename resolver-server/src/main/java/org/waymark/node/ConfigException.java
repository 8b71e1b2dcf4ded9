package org.waymark.node;

/** The configuration can't be used. The message is for the operator: which key, where it was set, and what is allowed. */
public final class ConfigException extends Exception {

    private static final long serialVersionUID = 1L;

    public ConfigException(String message) {
        super(message);
    }
}
