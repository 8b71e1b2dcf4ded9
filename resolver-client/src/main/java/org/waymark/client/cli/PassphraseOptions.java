package org.waymark.client.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.waymark.trust.KeySource;
import org.waymark.trust.Passphrase;
import org.waymark.trust.SigningKey;
import picocli.CommandLine.Option;

/** Option of the commands that open a private key; a mixin of picocli. */
public final class PassphraseOptions {

    @Option(
            names = "--passphrase-file",
            paramLabel = "FILE",
            description = "Its first line is the passphrase of encrypted keys, or the PIN of a device; needs mode 0600."
                    + " Default: $WAYMARK_KEY_PASSPHRASE, else it is asked for.")
    private Path file;

    /**
     * Opens a key; asks for its passphrase where it has one and neither the file nor the environment names it.
     *
     * @throws IOException if it can't be had; the message names the place
     */
    public SigningKey open(KeySource key) throws IOException {
        return key.open(source());
    }

    /** The passphrase for a new key; who types it types it twice. */
    char[] forNewKey(Path key) throws IOException {
        char[] passphrase = source().read(key.toString());
        Map<String, String> environment = System.getenv();
        if (file == null && !environment.containsKey(Passphrase.VARIABLE)) {
            char[] again = source().read(key + " (again)");
            boolean isSame = Arrays.equals(passphrase, again);
            Arrays.fill(again, '\0');
            if (!isSame) {
                Arrays.fill(passphrase, '\0');
                throw new UsageException("the two passphrases differ");
            }
        }
        return passphrase;
    }

    private Passphrase source() {
        return Passphrase.of(Optional.ofNullable(file), System.getenv(), System.console());
    }
}
