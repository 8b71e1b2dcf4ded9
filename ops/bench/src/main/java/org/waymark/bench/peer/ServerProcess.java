package org.waymark.bench.peer;

import java.io.IOException;
import java.net.InetSocketAddress;
import org.waymark.bench.measure.CpuTime;
import org.waymark.bench.measure.ResidentMemory;

/** A server that runs in a process of its own. */
public interface ServerProcess extends AutoCloseable {

    InetSocketAddress address();

    long pid();

    /** User and system time that the process has used, in seconds. */
    default double cpuSeconds() throws IOException {
        return CpuTime.ofProcess(pid());
    }

    /** Memory of the process that is in use (VmRSS), in bytes. */
    default long residentBytes() throws IOException {
        return ResidentMemory.ofProcess(pid());
    }

    @Override
    void close();
}
