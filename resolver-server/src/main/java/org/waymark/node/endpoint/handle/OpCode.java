package org.waymark.node.endpoint.handle;

/** The operations that this face carries out; it refuses every other. */
final class OpCode {

    static final int RESOLVE = 1;
    static final int SITE_INFO = 2;

    private OpCode() {}
}
