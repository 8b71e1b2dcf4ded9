package org.waymark.node.registry;

/** Too much waits to be written. Nothing of the commit was stored; it can be sent again after a while. */
public final class RegistryBusyException extends RegistryException {

    private static final long serialVersionUID = 1L;

    public RegistryBusyException(String message) {
        super(message);
    }
}
