package org.waymark.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** CPU time as Linux counts it, in ticks of a hundredth of a second. */
public final class CpuTime {

    /** USER_HZ, which is 100 on every architecture that Linux's /proc is read on here. */
    private static final double TICKS_A_SECOND = 100;

    /** Fields of /proc/PID/stat behind the command's closing parenthesis: utime is field 14 of all, stime 15. */
    private static final int UTIME = 14 - 3;

    private static final int STIME = 15 - 3;

    /** Those of the children that have ended: cutime is field 16, cstime 17. */
    private static final int CHILDREN_UTIME = 16 - 3;

    private static final int CHILDREN_STIME = 17 - 3;

    private CpuTime() {}

    /** User and system time that a process has used, in seconds, that of its ended threads included. */
    public static double ofProcess(long pid) throws IOException {
        return parseProcess(Files.readString(Path.of("/proc", Long.toString(pid), "stat")));
    }

    static double parseProcess(String stat) {
        return sum(stat, UTIME, STIME);
    }

    /** Time that the children of this process have used that have ended, in seconds. */
    public static double ofEndedChildren() throws IOException {
        return parseEndedChildren(Files.readString(Path.of("/proc/self/stat")));
    }

    static double parseEndedChildren(String stat) {
        return sum(stat, CHILDREN_UTIME, CHILDREN_STIME);
    }

    private static double sum(String stat, int one, int other) {
        // The command in parentheses may hold spaces and parentheses.
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
        return (Long.parseLong(fields[one]) + Long.parseLong(fields[other])) / TICKS_A_SECOND;
    }

    /** Time that all processors together were busy since the machine started, in seconds. */
    public static double ofMachine() throws IOException {
        return parseMachine(Files.readString(Path.of("/proc/stat")));
    }

    /** The first line is {@code cpu user nice system idle iowait irq softirq steal ...}. */
    static double parseMachine(String stat) {
        String[] fields = stat.lines().findFirst().orElseThrow().trim().split(" +");
        long busy = 0;
        for (int i = 1; i <= 8; i++) {
            boolean isIdle = i == 4 || i == 5;
            busy += isIdle ? 0 : Long.parseLong(fields[i]);
        }
        return busy / TICKS_A_SECOND;
    }
}
