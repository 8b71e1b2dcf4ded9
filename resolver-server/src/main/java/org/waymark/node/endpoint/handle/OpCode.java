package org.waymark.node.endpoint.handle;

/** The operations that this face carries out; it refuses every other. Numbers of an answer are those of its request. */
final class OpCode {

    static final int RESOLVE = 1;
    static final int SITE_INFO = 2;
    static final int CREATE = 100;
    static final int DELETE = 101;
    static final int ADD_VALUES = 102;
    static final int REMOVE_VALUES = 103;
    static final int MODIFY_VALUES = 104;
    /** The answer to a challenge. */
    static final int CHALLENGE_ANSWER = 200;

    private OpCode() {}
}
