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
        Path keys = directory.resolve("keys");
        Path config = directory.resolve("waymark.yaml");
        Path registryPath = directory.resolve("registry");
        for (Path path : List.of(config, keys.resolve(DELEGATE_KEY), keys.resolve(NODE_KEY), registryPath)) {
            if (Files.exists(path)) {
                throw new FileAlreadyExistsException(
                        path + " exists already; a node is set up once, in a directory of its own");
            }
        }
        Files.createDirectories(keys);
        SigningKey delegateKey = SigningKey.generate(suite);
        SigningKey nodeKey = SigningKey.generate(suite);
        KeyFile.writePrivate(keys.resolve(DELEGATE_KEY), delegateKey);
        KeyFile.writePrivate(keys.resolve(NODE_KEY), nodeKey);
        Anchor anchor = new Anchor(prefix, delegateKey.id());
        register(registryPath, anchor, prefixRecord(prefix, name, delegateKey, nodeKey));
        Files.writeString(config, configuration(directory, anchor), StandardOpenOption.CREATE_NEW);
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

    private static String configuration(Path directory, Anchor anchor) {
        return """
                # A Waymark node. "waymark-node config" shows every setting with its default.
                node:
                  dataDir: '%s'
                  roots:
                    - "%s"
                # redis:
                #   uri: redis://127.0.0.1:6379
                """.formatted(directory.toAbsolutePath().normalize().toString().replace("'", "''"), anchor);
    }
}
