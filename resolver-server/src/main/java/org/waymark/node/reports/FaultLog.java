package org.waymark.node.reports;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Faults and recoveries, in a file a month: {@code faults-2026-11.jsonl}, one line an event, written through before {@link #begin} and
 * {@link #end} return. The faults of this month and the one before are held in memory, {@value #MOST} at most. Safe for use by many
 * threads.
 */
public final class FaultLog {

    private static final Logger LOG = LoggerFactory.getLogger(FaultLog.class);

    /** So many faults are held, and written in one day. */
    static final int MOST = 1_000;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path directory;
    private final String node;
    private final ZoneId zone;
    private final Map<String, Fault> faults = new LinkedHashMap<>();
    private LocalDate numberedDay;
    private int lastNumber;

    /**
     * @param node the prefix that the node stands for: numbers begin with it
     * @throws IOException if what was written can't be read
     */
    public FaultLog(Path directory, String node, ZoneId zone, long now) throws IOException {
        this.directory = directory;
        this.node = node;
        this.zone = zone;
        YearMonth month = YearMonth.from(day(now));
        for (Fault fault : read(directory, month.minusMonths(1))) {
            hold(fault);
        }
        for (Fault fault : read(directory, month)) {
            hold(fault);
        }
    }

    private LocalDate day(long at) {
        return Instant.ofEpochMilli(at).atZone(zone).toLocalDate();
    }

    private static Path file(Path directory, YearMonth month) {
        return directory.resolve("faults-" + month + ".jsonl");
    }

    /** The faults that began in this month, oldest first. A line that was not written to its end is passed over. */
    static List<Fault> read(Path directory, YearMonth month) throws IOException {
        Path file = file(directory, month);
        if (Files.notExists(file)) {
            return List.of();
        }
        Map<String, Fault> faults = new LinkedHashMap<>();
        for (String line : Files.readAllLines(file)) {
            ObjectNode event;
            try {
                event = (ObjectNode) JSON.readTree(line);
            } catch (IOException | ClassCastException e) {
                LOG.atWarn().addKeyValue("file", file).log("a line is no fault event; it is passed over");
                continue;
            }
            String number = event.path("number").asText();
            if (event.has("recoveredAt")) {
                faults.computeIfPresent(
                        number,
                        (same, fault) ->
                                fault.recovered(event.path("recoveredAt").asLong()));
            } else {
                faults.put(
                        number,
                        new Fault(
                                number,
                                event.path("at").asLong(),
                                event.path("kind").asInt(),
                                event.path("cause").asText(),
                                0));
            }
        }
        return List.copyOf(faults.values());
    }

    private void hold(Fault fault) {
        faults.put(fault.number(), fault);
        if (faults.size() > MOST) {
            faults.remove(faults.keySet().iterator().next());
        }
    }

    /** A fault began. Returns its number. */
    public synchronized String begin(FaultKind kind, String cause, long at) {
        LocalDate day = day(at);
        if (!day.equals(numberedDay)) {
            numberedDay = day;
            String begins = numbersOf(day);
            lastNumber = faults.keySet().stream()
                    .filter(number -> number.startsWith(begins))
                    .mapToInt(number -> Integer.parseInt(number.substring(begins.length())))
                    .max()
                    .orElse(0);
        }
        lastNumber++;
        Fault fault = new Fault(numbersOf(day) + "%04d".formatted(lastNumber), at, kind.code(), cause, 0);
        hold(fault);
        if (lastNumber <= MOST) {
            append(
                    day,
                    JSON.createObjectNode()
                            .put("number", fault.number())
                            .put("at", at)
                            .put("kind", kind.code())
                            .put("cause", cause));
        }
        return fault.number();
    }

    private String numbersOf(LocalDate day) {
        return node + "-" + day.format(DateTimeFormatter.BASIC_ISO_DATE) + "-";
    }

    /** A fault is over. */
    public synchronized void end(String number, long at) {
        Fault fault = faults.get(number);
        if (fault != null && fault.recoveredAt() == 0) {
            faults.put(number, fault.recovered(at));
            append(
                    day(fault.at()),
                    JSON.createObjectNode().put("number", number).put("recoveredAt", at));
        }
    }

    private void append(LocalDate day, ObjectNode event) {
        try {
            Files.createDirectories(directory);
            try (FileChannel channel = FileChannel.open(
                    file(directory, YearMonth.from(day)), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
                ByteBuffer line = ByteBuffer.wrap((JSON.writeValueAsString(event) + "\n").getBytes("UTF-8"));
                while (line.hasRemaining()) {
                    channel.write(line);
                }
                channel.force(false);
            }
        } catch (IOException e) {
            LOG.atError().setCause(e).log("a fault event could not be written");
        }
    }

    /** The last faults, newest first. */
    public synchronized List<Fault> recent(int most) {
        List<Fault> all = new ArrayList<>(faults.values());
        List<Fault> recent = new ArrayList<>();
        for (int i = all.size() - 1; i >= 0 && recent.size() < most; i--) {
            recent.add(all.get(i));
        }
        return recent;
    }

    /** Faults that are not over, oldest first. */
    public synchronized List<Fault> open() {
        return faults.values().stream()
                .filter(fault -> fault.recoveredAt() == 0)
                .toList();
    }
}
