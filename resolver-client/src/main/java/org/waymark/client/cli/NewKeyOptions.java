package org.waymark.client.cli;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import picocli.CommandLine.Option;

/** Options of the commands that make a key. */
final class NewKeyOptions {

    @Option(
            names = "--suite",
            paramLabel = "SUITE",
            defaultValue = "ed25519",
            description = "Of a new key: ed25519 or sm2. Default: ${DEFAULT-VALUE}.")
    private Suite suite;

    @Option(names = "--encrypt", description = "Encrypt a new key with a passphrase of at least 8 characters.")
    private boolean encrypt;

    /** Where the public half is put. */
    static Path publicFile(Path file) {
        return Path.of(file + ".pub");
    }

    /** Makes a key: the file holds the private half, FILE.pub the public one. Nothing is overwritten. */
    SigningKey make(Path file, PassphraseOptions passphrases) throws IOException {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".p12") || name.endsWith(".pfx")) {
            throw new UsageException(file + " would be taken for a PKCS#12 store; keys are written as PEM");
        }
        Path publicFile = publicFile(file);
        for (Path each : new Path[] {file, publicFile}) {
            if (Files.exists(each)) {
                throw new FileAlreadyExistsException(each.toString());
            }
        }
        SigningKey key = SigningKey.generate(suite);
        if (encrypt) {
            char[] passphrase = passphrases.forNewKey(file);
            try {
                KeyFile.writePrivate(file, key, passphrase);
            } finally {
                Arrays.fill(passphrase, '\0');
            }
        } else {
            KeyFile.writePrivate(file, key);
        }
        KeyFile.writePublic(publicFile, key.verifyingKey());
        return key;
    }
}
