package org.waymark.node.registry;

/** Something is missing in the storage that was written there. */
public final class RegistryDamagedException extends RegistryException {

    private static final long serialVersionUID = 1L;

    RegistryDamagedException(String message) {
        super(message);
    }
}
