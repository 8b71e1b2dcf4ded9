package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.waymark.trust.KeyFile;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark keygen}. */
@Command(
        name = "keygen",
        description = "Makes a key: FILE holds the private one (PKCS#8, mode 0600), FILE.pub the public one.")
final class KeygenCommand implements Callable<Integer> {

    @Option(
            names = "--suite",
            paramLabel = "SUITE",
            defaultValue = "ed25519",
            description = "ed25519 or sm2. Default: ${DEFAULT-VALUE}.")
    private Suite suite;

    @Parameters(paramLabel = "FILE", description = "A new file; an existing one is never overwritten.")
    private Path file;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        Path publicFile = Path.of(file + ".pub");
        if (Files.exists(publicFile)) {
            throw new FileAlreadyExistsException(publicFile.toString());
        }
        SigningKey key = SigningKey.generate(suite);
        KeyFile.writePrivate(file, key);
        KeyFile.writePublic(publicFile, key.verifyingKey());
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonNodeFactory.instance
                    .objectNode()
                    .put("keyId", key.id().toString())
                    .put("suite", suite.name().toLowerCase(Locale.ROOT))
                    .put("privateKey", file.toString())
                    .put("publicKey", publicFile.toString()));
        } else {
            out.println(key.id());
        }
        return ExitCode.OK;
    }
}
