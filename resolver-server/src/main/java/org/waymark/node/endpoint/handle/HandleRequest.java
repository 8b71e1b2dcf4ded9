package org.waymark.node.endpoint.handle;

/**
 * A request as it was read. Immutable; nobody changes the arrays.
 *
 * @param version as in {@link Envelope}
 * @param serial of the site information that the client has; 0xFFFF: none
 * @param handle as the client wrote it, in UTF-8; empty where the operation needs none
 * @param digest SHA-1 of header and body, where the client wants it back; else null
 * @param task what to do besides resolving; null where it is none that needs more than the handle
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
        Task task,
        Refusal refusal) {

    /**
     * Why a request is not carried out.
     *
     * @param message for people
     */
    record Refusal(ResponseCode code, String message) {}

    /** What a request is about, besides a handle. */
    sealed interface Task {

        /**
         * A change of a record.
         *
         * @param digest SHA-256 of the request's header and body; nobody changes it
         */
        record Change(Edit edit, byte[] digest) implements Task {}

        /**
         * The answer to a challenge. Nobody changes the arrays.
         *
         * @param type how it is made: {@code HS_PUBKEY} or {@code HS_SECKEY}
         * @param keyHandle of the record that has the key
         * @param keyIndex of the key's value, unsigned
         * @param proof for a public key: the name of a hash, and a signature
         */
        record ChallengeAnswer(String type, byte[] keyHandle, int keyIndex, byte[] proof) implements Task {}
    }

    /** The same under another operation's number: what an administrator asked for before the challenge. */
    HandleRequest as(int operation) {
        return new HandleRequest(
                version, sessionId, requestId, operation, opFlags, serial, recursion, handle, filter, digest, task,
                refusal);
    }

    boolean has(int flag) {
        return (opFlags & flag) != 0;
    }
}
