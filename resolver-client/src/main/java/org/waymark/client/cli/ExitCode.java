package org.waymark.client.cli;

/** What the command exits with. */
final class ExitCode {

    static final int OK = 0;
    static final int NEGATIVE = 1;
    static final int USAGE = 2;
    static final int NOT_VERIFIED = 3;
    static final int REFUSED = 4;
    static final int UNREACHABLE = 5;
    static final int LOCAL_FILE = 6;
    static final int INTERNAL = 70;

    private ExitCode() {}
}
