package org.waymark.node.registry;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.lifecycle.AfterTry;

class RocksRegistryModelTest extends RegistryModelContract {

    private final List<Path> directories = new ArrayList<>();

    @Override
    protected Supplier<Registry> newStore() {
        try {
            Path directory = Files.createTempDirectory("registry");
            directories.add(directory);
            return () -> RocksRegistry.open(directory, RocksOptions.defaults());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterTry
    void deleteStores() throws IOException {
        for (Path directory : directories) {
            try (Stream<Path> files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder()).forEach(RocksRegistryModelTest::delete);
            }
        }
        directories.clear();
    }

    private static void delete(Path file) {
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
