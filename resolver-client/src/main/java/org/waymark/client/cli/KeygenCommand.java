package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.waymark.trust.SigningKey;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark keygen}. */
@Command(
        name = "keygen",
        description = "Makes a key: FILE holds the private one (PKCS#8, mode 0600), FILE.pub the public one.")
final class KeygenCommand implements Callable<Integer> {

    @Mixin
    private NewKeyOptions newKey;

    @Mixin
    private PassphraseOptions passphrases;

    @Parameters(paramLabel = "FILE", description = "A new file; an existing one is never overwritten.")
    private Path file;

    @Option(names = "--json", description = "Print a JSON object.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        SigningKey key = newKey.make(file, passphrases);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonNodeFactory.instance
                    .objectNode()
                    .put("keyId", key.id().toString())
                    .put("suite", key.suite().name().toLowerCase(Locale.ROOT))
                    .put("privateKey", file.toString())
                    .put("publicKey", NewKeyOptions.publicFile(file).toString()));
        } else {
            out.println(key.id());
        }
        return ExitCode.OK;
    }
}
