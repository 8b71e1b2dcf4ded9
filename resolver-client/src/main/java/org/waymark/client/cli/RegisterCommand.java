package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.waymark.Limits;
import org.waymark.client.ItemDraft;
import org.waymark.client.NodeClient;
import org.waymark.client.Registration;
import org.waymark.client.RegistryClient;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.KeySource;
import org.waymark.trust.SigningKey;
import org.waymark.v1.RegisterResult;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waymark register}. */
@Command(
        name = "register",
        description =
                "Signs and registers one item, or all items of a file: the next version of each, unless the current one"
                        + " says the same.")
final class RegisterCommand implements Callable<Integer> {

    private static final int BATCH = 500;

    @Mixin
    private NodeOptions node;

    @Mixin
    private PassphraseOptions passphrases;

    @Parameters(arity = "0..1", paramLabel = "IDENTIFIER", description = "Of any scheme, such as 88.118.8/JXDY2106023.")
    private Identifier identifier;

    @Option(
            names = {"-k", "--key"},
            required = true,
            paramLabel = "KEY",
            description =
                    "Private key of the owner, with the role RECORDS: FILE, FILE.p12#ALIAS or pkcs11:CONFIG#ALIAS.")
    private KeySource keySource;

    @Option(
            names = {"-o", "--owner"},
            paramLabel = "PREFIX",
            description = "The prefix that signs. Default: the longest registered one above the identifier.")
    private Prefix owner;

    @Option(
            names = {"-v", "--value"},
            paramLabel = "[@INDEX:]TYPE=DATA",
            description = "A value of the item. Without index, it gets the next free one from 2000 on.")
    private List<String> values = List.of();

    @Option(
            names = {"-f", "--file"},
            paramLabel = "FILE",
            description =
                    "Items: CSV with a header line, or JSON Lines (.jsonl), also with gzip (.gz). The column \"identifier\" holds the"
                            + " identifier, each other one a value whose type is the column's name.")
    private Path file;

    @Option(
            names = "--ttl",
            paramLabel = "SECONDS",
            defaultValue = "86400",
            description = "How long an answer may be kept: 1 to 2592000. Default: ${DEFAULT-VALUE}.")
    private int ttl;

    @Option(
            names = "--restrict",
            paramLabel = "TYPE=PREFIX[,PREFIX]",
            description = "Only these prefixes, beside the owner, may read values of this type.")
    private List<String> restrictions = List.of();

    @Option(names = "--revoke", description = "The identifier is no longer valid.")
    private boolean revoke;

    @Option(
            names = "--json",
            description = "Print one JSON object an item, each on its own line, and one with the summary.")
    private boolean json;

    @Spec
    private CommandSpec spec;

    /** An item with the place that it was read from; a line of 0 means the command line. */
    private record Entry(long line, ItemDraft item) {}

    private final Map<RegisterResult.Code, Long> counts = new EnumMap<>(RegisterResult.Code.class);
    private final Map<Prefix, Optional<Prefix>> owners = new HashMap<>();
    private final Map<String, List<Prefix>> readers = new HashMap<>();
    private SigningKey key;
    private RegistryClient registry;
    private long refused;

    @Override
    public Integer call() throws IOException {
        if ((identifier == null) == (file == null)) {
            throw new UsageException("give either an IDENTIFIER with its values, or a --file");
        }
        if (ttl < 1 || ttl > Limits.TTL_SECONDS) {
            throw new UsageException("--ttl must be 1 to " + Limits.TTL_SECONDS + " seconds, not " + ttl);
        }
        key = passphrases.open(keySource);
        for (String restriction : restrictions) {
            restrict(restriction);
        }
        try (NodeClient client = node.connect()) {
            registry = new RegistryClient(client);
            if (file == null) {
                List<ItemFile.Field> fields = fields();
                requireRestricted(fields.stream().map(ItemFile.Field::type).collect(Collectors.toSet()));
                publish(List.of(new Entry(0, draft(identifier, fields))));
            } else {
                if (!readers.isEmpty()) {
                    requireRestricted(ItemFile.types(file));
                }
                publishFile();
            }
        } catch (IOException | RuntimeException e) {
            if (!counts.isEmpty()) {
                // What came before the failure is registered.
                summary();
            }
            throw e;
        }
        summary();
        return refused == 0 ? ExitCode.OK : ExitCode.REFUSED;
    }

    private void restrict(String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException("--restrict is written TYPE=PREFIX,PREFIX, not \"" + text + "\"");
        }
        List<Prefix> prefixes = new ArrayList<>();
        for (String prefix : text.substring(equals + 1).split(",")) {
            prefixes.add(Prefix.parse(prefix.strip()));
        }
        readers.put(text.substring(0, equals), prefixes);
    }

    /** A restriction with a misspelt type would leave the value that it is meant for open to everybody. */
    private void requireRestricted(Set<String> types) {
        for (String type : readers.keySet()) {
            if (!types.contains(type)) {
                throw new UsageException("--restrict names the type \"" + type + "\", of which there is no value");
            }
        }
    }

    private List<ItemFile.Field> fields() {
        List<ItemFile.Field> fields = new ArrayList<>();
        TreeSet<Long> taken = new TreeSet<>();
        List<String> unnumbered = new ArrayList<>();
        for (String value : values) {
            int colon = value.indexOf(':');
            if (value.startsWith("@") && colon > 0) {
                long index;
                try {
                    index = Long.parseLong(value.substring(1, colon));
                } catch (NumberFormatException e) {
                    throw new UsageException("an index must be a number, as in @100:TYPE=DATA, not \"" + value + "\"");
                }
                fields.add(field(index, value.substring(colon + 1)));
                taken.add(index);
            } else {
                unnumbered.add(value);
            }
        }
        long next = ItemMapping.FIRST_INDEX;
        for (String value : unnumbered) {
            while (taken.contains(next)) {
                next++;
            }
            fields.add(field(next++, value));
        }
        return fields;
    }

    private static ItemFile.Field field(long index, String text) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException("a value is written TYPE=DATA or @INDEX:TYPE=DATA, not \"" + text + "\"");
        }
        return new ItemFile.Field(index, text.substring(0, equals), text.substring(equals + 1), List.of());
    }

    private ItemDraft draft(Identifier named, List<ItemFile.Field> fields) {
        ItemDraft draft = ItemDraft.of(named).ttlSeconds(ttl);
        for (ItemFile.Field field : fields) {
            List<Prefix> allowed = readers.getOrDefault(field.type(), field.readers());
            draft = allowed.isEmpty()
                    ? draft.value(field.index(), field.type(), field.text())
                    : draft.restrictedValue(field.index(), field.type(), field.text(), allowed);
        }
        draft = revoke ? draft.asRevoked() : draft;
        draft.requireValid();
        return draft;
    }

    private void publishFile() throws IOException {
        try (ItemFile rows = new ItemFile(file, ItemMapping.byNames())) {
            List<Entry> batch = new ArrayList<>(BATCH);
            ItemFile.Row row = rows.next();
            while (row != null) {
                if (row.fault() != null) {
                    refuse(row.line(), "", row.fault().toString());
                } else {
                    try {
                        batch.add(new Entry(row.line(), draft(Identifier.parse(row.identifier()), row.fields())));
                    } catch (InvalidIdentifierException | InvalidRecordException e) {
                        refuse(row.line(), row.identifier(), e.getMessage());
                    }
                }
                if (batch.size() == BATCH) {
                    publish(batch);
                    batch.clear();
                }
                row = rows.next();
            }
            publish(batch);
        }
    }

    private void publish(List<Entry> entries) {
        Map<Prefix, List<Entry>> byOwner = new LinkedHashMap<>();
        for (Entry entry : entries) {
            Optional<Prefix> owning = owner(entry.item().identifier());
            if (owning.isPresent()) {
                byOwner.computeIfAbsent(owning.get(), prefix -> new ArrayList<>())
                        .add(entry);
            } else {
                refuse(
                        entry.line(),
                        entry.item().identifier().canonical(),
                        "the node has no record of a prefix above it; delegate one first, or name the --owner");
            }
        }
        byOwner.forEach((prefix, owned) -> {
            List<Registration> results = registry.publish(
                            key, prefix, owned.stream().map(Entry::item).toList())
                    .join();
            for (int i = 0; i < results.size(); i++) {
                report(owned.get(i), results.get(i));
            }
        });
    }

    private Optional<Prefix> owner(Identifier named) {
        if (owner != null) {
            return Optional.of(owner);
        }
        Optional<Prefix> known = owners.get(named.prefix());
        if (known == null) {
            known = registry.owner(named).join();
            owners.put(named.prefix(), known);
        }
        return known;
    }

    private void report(Entry entry, Registration registration) {
        if (json) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            if (entry.line() > 0) {
                result.put("line", entry.line());
            }
            result.put("identifier", registration.key().identifier());
            json(registration, result);
            spec.commandLine().getOut().println(result);
        }
        if (registration.isStored()) {
            counts.merge(registration.code(), 1L, Long::sum);
        } else {
            refused++;
            complain(entry.line(), registration.key().identifier(), registration.refusal());
        }
    }

    private void refuse(long line, String named, String why) {
        refused++;
        if (json) {
            spec.commandLine()
                    .getOut()
                    .println(JsonNodeFactory.instance
                            .objectNode()
                            .put("line", line)
                            .put("identifier", named)
                            .put("code", "NOT_SENT")
                            .put("message", why));
        }
        complain(line, named, why);
    }

    private void complain(long line, String named, String why) {
        String place = line == 0 ? "" : "line " + line + ": ";
        String subject = named.isEmpty() ? "" : TextTable.printable(named) + ": ";
        spec.commandLine().getErr().println(place + subject + TextTable.printable(why));
    }

    static void json(Registration registration, ObjectNode into) {
        into.put("code", registration.code().name());
        if (!registration.isStored()) {
            into.put("reason", registration.reason().name());
            into.put("field", registration.field());
            into.put("message", registration.message());
        }
        if (registration.sequence() != 0) {
            into.put("sequence", registration.sequence());
        }
    }

    private void summary() {
        if (json) {
            ObjectNode result = JsonNodeFactory.instance.objectNode();
            ObjectNode summary = result.putObject("summary");
            for (RegisterResult.Code code : stored()) {
                summary.put(code.name().toLowerCase(Locale.ROOT), counts.getOrDefault(code, 0L));
            }
            summary.put("refused", refused);
            spec.commandLine().getOut().println(result);
            return;
        }
        StringBuilder text = new StringBuilder();
        for (RegisterResult.Code code : stored()) {
            text.append(code).append(' ').append(counts.getOrDefault(code, 0L)).append(", ");
        }
        spec.commandLine().getOut().println(text.append("refused ").append(refused));
    }

    private static List<RegisterResult.Code> stored() {
        return List.of(RegisterResult.Code.CREATED, RegisterResult.Code.UPDATED, RegisterResult.Code.UNCHANGED);
    }
}
