package org.waymark.node.registry;

/** The storage failed, and takes no more writes until it is opened again. */
public final class RegistryFailedException extends RegistryException {

    private static final long serialVersionUID = 1L;

    public RegistryFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
