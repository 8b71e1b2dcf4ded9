package org.waymark.export;

import java.io.IOException;

/** A file is no export, or only a part of one. The message says where, and what is wrong there. */
public final class ExportFormatException extends IOException {

    private static final long serialVersionUID = 1L;

    public ExportFormatException(String message) {
        super(message);
    }

    public ExportFormatException(String message, Throwable cause) {
        super(message, cause);
    }
}
