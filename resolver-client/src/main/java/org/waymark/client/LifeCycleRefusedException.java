package org.waymark.client;

import org.waymark.v1.LifeCycleResponse;

/** The node does not carry out a request about the life cycle of a prefix; the message says why, and what is allowed. */
public final class LifeCycleRefusedException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    private final LifeCycleResponse.Code code;

    LifeCycleRefusedException(LifeCycleResponse response) {
        super((response.getField().isEmpty() ? "" : response.getField() + ": ") + response.getMessage());
        this.code = response.getCode();
    }

    /** Stable, for programs; never DONE or ALREADY. */
    public LifeCycleResponse.Code code() {
        return code;
    }
}
