package org.waymark.node.endpoint.handle;

/**
 * A request as it was read. Immutable; nobody changes the arrays.
 *
 * @param version as in {@link Envelope}
 * @param serial of the site information that the client has; 0xFFFF: none
 * @param handle as the client wrote it, in UTF-8; empty where the operation needs none
 * @param digest SHA-1 of header and body, where the client wants it back; else null
 * @param refusal why it can't be carried out; null where nothing speaks against it
 */
record HandleRequest(
        int version,
        int sessionId,
        int requestId,
        int opCode,
        int opFlags,
        int serial,
        int recursion,
        byte[] handle,
        ValueFilter filter,
        byte[] digest,
        Refusal refusal) {

    /**
     * Why a request is not carried out.
     *
     * @param message for people
     */
    record Refusal(ResponseCode code, String message) {}

    boolean has(int flag) {
        return (opFlags & flag) != 0;
    }
}
