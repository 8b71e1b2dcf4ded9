package org.waymark.node;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.PrefixTable;
import org.waymark.node.registry.Registrar;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.trust.Anchor;
import org.waymark.trust.KeyFile;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RegisterResult;

/** Sets a new node up: its keys, its self-signed prefix record in a new registry, and its configuration file. */
public final class NodeSetup {

    /** In the keys directory; signs the prefix records below. To be kept offline. */
    public static final String DELEGATE_KEY = "delegate.pem";

    /** In the keys directory; what the node itself signs with. */
    public static final String NODE_KEY = "node.pem";

    private static final String KEYS = "keys";
    private static final String CONFIG = "waymark.yaml";
    private static final String REGISTRY = "registry";

    private static final Duration PREFIX_RECORD_LIFE = Duration.ofDays(365);

    private final Clock clock;

    public NodeSetup(Clock clock) {
        this.clock = clock;
    }

    /**
     * What was set up.
     *
     * @param anchor for clients
     * @param delegateKey the file of the key that has to be taken offline
     */
    public record Result(Anchor anchor, Path config, Path delegateKey, Path nodeKey) {}

    /**
     * Sets a node up. Nothing that exists is overwritten.
     *
     * @param directory for everything; made if it is not there
     * @param prefix that the node stands for
     * @param name legal name of its operator
     * @throws IOException if something is there already or can't be written
     */
    public Result init(Path directory, Prefix prefix, Suite suite, String name) throws IOException {
        Keys keys = makeKeys(directory, suite);
        Anchor anchor = new Anchor(prefix, keys.delegate().id());
        register(directory.resolve(REGISTRY), anchor, prefixRecord(prefix, name, keys.delegate(), keys.node()));
        return result(directory, anchor, prefix);
    }

    /**
     * Sets a node up for a prefix that another one signs: makes its keys, for that prefix to put into the prefix record, and its
     * configuration. The prefix records from the anchor down have to be registered at it once it runs.
     *
     * @param above where trust starts: a prefix above this one
     * @throws IllegalArgumentException if it is not above
     * @throws IOException if something is there already or can't be written
     */
    public Result initBelow(Path directory, Prefix prefix, Suite suite, Anchor above) throws IOException {
        if (prefix.equals(above.prefix()) || !above.prefix().covers(prefix)) {
            throw new IllegalArgumentException(above.prefix() + " is not above " + prefix);
        }
        Keys keys = makeKeys(directory, suite);
        KeyFile.writePublic(publicFile(directory, DELEGATE_KEY), keys.delegate().verifyingKey());
        KeyFile.writePublic(publicFile(directory, NODE_KEY), keys.node().verifyingKey());
        return result(directory, above, prefix);
    }

    private record Keys(SigningKey delegate, SigningKey node) {}

    /** Where the public half of a key is put for the prefix above. */
    private static Path publicFile(Path directory, String key) {
        return directory.resolve(KEYS).resolve(key + ".pub");
    }

    private static Keys makeKeys(Path directory, Suite suite) throws IOException {
        Path keys = directory.resolve(KEYS);
        for (Path path : List.of(
                directory.resolve(CONFIG),
                keys.resolve(DELEGATE_KEY),
                keys.resolve(NODE_KEY),
                directory.resolve(REGISTRY))) {
            if (Files.exists(path)) {
                throw new FileAlreadyExistsException(
                        path + " exists already; a node is set up once, in a directory of its own");
            }
        }
        Files.createDirectories(keys);
        Keys made = new Keys(SigningKey.generate(suite), SigningKey.generate(suite));
        KeyFile.writePrivate(keys.resolve(DELEGATE_KEY), made.delegate());
        KeyFile.writePrivate(keys.resolve(NODE_KEY), made.node());
        return made;
    }

    private static Result result(Path directory, Anchor anchor, Prefix home) throws IOException {
        Path keys = directory.resolve(KEYS);
        Path config = directory.resolve(CONFIG);
        Files.writeString(config, configuration(directory, anchor, home), StandardOpenOption.CREATE_NEW);
        return new Result(anchor, config, keys.resolve(DELEGATE_KEY), keys.resolve(NODE_KEY));
    }

    private IdentifierRecord prefixRecord(Prefix prefix, String name, SigningKey delegateKey, SigningKey nodeKey) {
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, prefix)
                .issuedAt(clock.millis())
                .expiresAt(clock.millis() + PREFIX_RECORD_LIFE.toMillis());
        List<PartyKey> keys = List.of(
                PartyKey.active(delegateKey.verifyingKey(), Set.of(KeyRole.DELEGATE)),
                PartyKey.active(nodeKey.verifyingKey(), Set.of(KeyRole.NODE)));
        PrefixDescription description =
                PrefixDescription.newBuilder().setName(name).build();
        return new RecordSigner(delegateKey)
                .sign(PrefixRecord.describe(draft, description, keys, List.of()).build());
    }

    private void register(Path registryPath, Anchor anchor, IdentifierRecord record) throws IOException {
        try (Registry registry = RocksRegistry.open(registryPath, RocksOptions.defaults())) {
            List<ByteString> records = List.of(record.encoded());
            RegisterResult result = new Registrar(registry, new PrefixTable(registry), Set.of(anchor), clock)
                    .register(records)
                    .get(0);
            if (result.getCode() != RegisterResult.Code.CREATED) {
                throw new IOException(
                        "the prefix record was not admitted: " + result.getField() + " " + result.getMessage());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the prefix record was stored", e);
        }
    }

    private static String configuration(Path directory, Anchor anchor, Prefix home) {
        return """
                # A Waymark node. "waymark-node config" shows every setting with its default.
                node:
                  dataDir: '%s'
                  roots:
                    - "%s"
                  homes:
                    - "%s"
                # redis:
                #   uri: redis://127.0.0.1:6379
                """.formatted(directory.toAbsolutePath().normalize().toString().replace("'", "''"), anchor, home.text());
    }
}
