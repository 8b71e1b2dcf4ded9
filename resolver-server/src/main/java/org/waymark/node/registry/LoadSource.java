package org.waymark.node.registry;

import java.io.IOException;
import org.waymark.export.ExportReader;

/** A file to be loaded. */
@FunctionalInterface
public interface LoadSource {

    /** Opens it; the caller closes the reader. */
    ExportReader open() throws IOException;
}
