package org.waymark.node.endpoint.handle;

import org.waymark.node.endpoint.handle.HandleRequest.Refusal;

/** A request is not carried out. */
final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final transient Refusal refusal;

    RefusedException(ResponseCode code, String message) {
        super(message, null, false, false);
        refusal = new Refusal(code, message);
    }

    Refusal refusal() {
        return refusal;
    }
}
