package org.waymark.node.reports;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The figures of each day, in a file each: {@code day-2026-11-24.json}. A file is replaced as a whole, so it is never read half
 * written. For use by one thread at a time, and by readers in other processes.
 */
public final class FigureStore {

    private static final ObjectMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private static final String BEFORE_DAY = "day-";
    private static final String AFTER_DAY = ".json";

    private final Path directory;

    /**
     * @param dataDir of the node; nothing is made before something is written
     */
    public FigureStore(Path dataDir) {
        this.directory = dataDir.resolve("figures");
    }

    Path directory() {
        return directory;
    }

    private Path file(LocalDate day) {
        return directory.resolve(BEFORE_DAY + day + AFTER_DAY);
    }

    /** The figures of this day, if there are any. */
    Optional<DayFigures> read(LocalDate day) throws IOException {
        Path file = file(day);
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(file.toFile(), DayFigures.class));
        } catch (IOException e) {
            throw new IOException("cannot read the figures in " + file + ": " + e.getMessage(), e);
        }
    }

    /** The last day that has figures. */
    Optional<DayFigures> latest() throws IOException {
        List<LocalDate> days = days();
        return days.isEmpty() ? Optional.empty() : read(days.get(days.size() - 1));
    }

    /** The days that have figures, in their order. */
    List<LocalDate> days() throws IOException {
        if (Files.notExists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString())
                    .filter(name -> name.matches(BEFORE_DAY + "\\d{4}-\\d{2}-\\d{2}\\" + AFTER_DAY))
                    .map(name ->
                            LocalDate.parse(name.substring(BEFORE_DAY.length(), name.length() - AFTER_DAY.length())))
                    .sorted()
                    .toList();
        }
    }

    /** The figures of this month's days, in their order. */
    List<DayFigures> month(YearMonth month) throws IOException {
        List<DayFigures> all = new ArrayList<>();
        for (LocalDate day : days()) {
            if (YearMonth.from(day).equals(month)) {
                all.add(read(day).orElseThrow());
            }
        }
        return all;
    }

    /** Keeps the figures, durably. */
    void write(DayFigures figures) throws IOException {
        figures.seal();
        Files.createDirectories(directory);
        Path file = file(LocalDate.parse(figures.day));
        Path beside = file.resolveSibling(file.getFileName() + ".new");
        Files.write(beside, JSON.writeValueAsBytes(figures));
        try (FileChannel channel = FileChannel.open(beside, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
