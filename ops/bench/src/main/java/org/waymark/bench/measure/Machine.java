package org.waymark.bench.measure;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the run ran on.
 *
 * @param processor its model
 * @param cpus how many of them this process may use
 */
public record Machine(String processor, int cpus, long memoryBytes, String system, String java) {

    public static Machine ofThisOne() throws IOException {
        return new Machine(
                value(Path.of("/proc/cpuinfo"), "model name", System.getProperty("os.arch")),
                Runtime.getRuntime().availableProcessors(),
                Long.parseLong(value(Path.of("/proc/meminfo"), "MemTotal", "0").replaceAll("\\D", "")) * 1_024,
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.name") + " " + Runtime.version());
    }

    private static String value(Path file, String key, String otherwise) throws IOException {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(key))
                    .map(line -> line.substring(line.indexOf(':') + 1).trim())
                    .findFirst()
                    .orElse(otherwise);
        }
    }
}
