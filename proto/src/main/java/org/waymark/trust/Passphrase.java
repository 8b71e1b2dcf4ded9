package org.waymark.trust;

import java.io.Console;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Where the passphrase of a private key comes from: a prompt, a file or the environment; never an argument of a command, which every
 * user of a machine can see.
 */
@FunctionalInterface
public interface Passphrase {

    /** The variable of the environment that may hold a passphrase. */
    String VARIABLE = "WAYMARK_KEY_PASSPHRASE";

    /** Longest content of a passphrase's file, in bytes. */
    int MAX_FILE_BYTES = 4_096;

    /**
     * The passphrase. The caller overwrites the array once it is no longer needed.
     *
     * @param subject what it opens, for a prompt or an error
     * @throws IOException if none can be had; the message says where one would be looked for
     */
    char[] read(String subject) throws IOException;

    /** For keys that are not encrypted: refuses those that are. */
    static Passphrase none() {
        return subject -> {
            throw new IOException(subject + " is encrypted, and no passphrase was given for it");
        };
    }

    /**
     * The first line of a file (UTF-8) that only its owner may open.
     *
     * @see KeyFile
     */
    static Passphrase ofFile(Path file) {
        return subject -> {
            KeyFile.requireOwnerOnly(file, "a passphrase");
            if (Files.size(file) > MAX_FILE_BYTES) {
                throw new IOException(file + " is larger than " + MAX_FILE_BYTES + " bytes, so it is no passphrase");
            }
            byte[] bytes = Files.readAllBytes(file);
            int end = 0;
            while (end < bytes.length && bytes[end] != '\n' && bytes[end] != '\r') {
                end++;
            }
            try {
                CharBuffer decoded = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes, 0, end));
                char[] passphrase = new char[decoded.remaining()];
                decoded.get(passphrase);
                Arrays.fill(decoded.array(), '\0');
                return passphrase;
            } catch (CharacterCodingException e) {
                throw new IOException(file + " is not UTF-8", e);
            } finally {
                Arrays.fill(bytes, (byte) 0);
            }
        };
    }

    /**
     * From the file if there is one, else from the variable {@value #VARIABLE} if it is set, else asked for without echo where there
     * is a terminal.
     *
     * @param console null where nobody can be asked
     */
    static Passphrase of(Optional<Path> file, Map<String, String> environment, Console console) {
        if (file.isPresent()) {
            return ofFile(file.get());
        }
        String variable = environment.get(VARIABLE);
        if (variable != null) {
            return subject -> variable.toCharArray();
        }
        return subject -> {
            char[] typed = console == null ? null : console.readPassword("Passphrase of %s: ", subject);
            if (typed == null) {
                throw new IOException(
                        subject + " needs a passphrase: put it into a file (mode 0600) that is named, or into "
                                + VARIABLE + ", or have a terminal to be asked at");
            }
            return typed;
        };
    }
}
