package org.waymark.node.registry;

/** Another process, or another part of this one, has the registry open. */
public final class RegistryInUseException extends RegistryException {

    private static final long serialVersionUID = 1L;

    RegistryInUseException(String message, Throwable cause) {
        super(message, cause);
    }
}
