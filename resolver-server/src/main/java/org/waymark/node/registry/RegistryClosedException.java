package org.waymark.node.registry;

/** The registry is closed. Nothing of the commit was stored. */
public final class RegistryClosedException extends RegistryException {

    private static final long serialVersionUID = 1L;

    public RegistryClosedException(String message) {
        super(message);
    }
}
