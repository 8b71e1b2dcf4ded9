package org.waymark.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Memory as Linux counts it. */
public final class ResidentMemory {

    private static final String FIELD = "VmRSS:";

    private ResidentMemory() {}

    /** What of a process is in memory, shared libraries included, in bytes. */
    public static long ofProcess(long pid) throws IOException {
        return parse(Files.readString(Path.of("/proc", Long.toString(pid), "status")));
    }

    /** The line is {@code VmRSS:   123456 kB}. */
    static long parse(String status) {
        String line = status.lines()
                .filter(candidate -> candidate.startsWith(FIELD))
                .findFirst()
                .orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) * 1_024;
    }
}
