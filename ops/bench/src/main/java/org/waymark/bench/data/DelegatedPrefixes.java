package org.waymark.bench.data;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.waymark.identifier.Identifier;
import org.waymark.identifier.Prefix;
import org.waymark.node.registry.Registry;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordDraft;
import org.waymark.record.RecordKey;
import org.waymark.trust.PartyKey;
import org.waymark.trust.PrefixRecord;
import org.waymark.trust.RecordSigner;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.KeyRole;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.PrefixDescription;
import org.waymark.v1.RecordKind;
import org.waymark.v1.ResolveRequest;

/**
 * Prefixes with nodes of their own, and look-ups of parts below them, which have to be answered with the record of the part's prefix.
 * Look-ups are numbered from 0. Immutable.
 */
public final class DelegatedPrefixes {

    private static final int BATCH = 16 * RecordSigner.USUAL_TREE;

    private final byte[][] requests;
    private final ByteBuf[] records;

    private DelegatedPrefixes(byte[][] requests, ByteBuf[] records) {
        this.requests = requests;
        this.records = records;
    }

    /**
     * Delegates so many prefixes in a new registry.
     *
     * @param nodeDirectory the node's {@code node.dataDir}
     * @param lookUps how many parts there are to be asked for, spread evenly over the prefixes
     */
    public static DelegatedPrefixes create(Path nodeDirectory, Parties parties, int prefixes, int lookUps)
            throws IOException, InterruptedException {
        ByteBuf[] records = new ByteBuf[prefixes];
        try (Registry registry = Dataset.openWithPrefixes(nodeDirectory, parties)) {
            PartyKey key = PartyKey.active(SigningKey.generate(Suite.ED25519).verifyingKey(), Set.of(KeyRole.RECORDS));
            for (int from = 0; from < prefixes; from += BATCH) {
                List<RecordDraft> drafts = IntStream.range(from, Math.min(from + BATCH, prefixes))
                        .mapToObj(number -> draft(prefix(number), key))
                        .toList();
                List<IdentifierRecord> signed = parties.signer(Parties.ROOT).signAll(drafts);
                Dataset.commit(registry, signed);
                for (int i = 0; i < signed.size(); i++) {
                    records[from + i] =
                            Unpooled.wrappedBuffer(signed.get(i).encoded().toByteArray());
                }
            }
        }
        byte[][] requests = IntStream.range(0, lookUps)
                .mapToObj(number -> request(prefix(number % prefixes), number))
                .toArray(byte[][]::new);
        return new DelegatedPrefixes(requests, records);
    }

    private static Prefix prefix(int number) {
        return Prefix.parse(Parties.ROOT.canonical() + "." + (1_000_000 + number));
    }

    private static RecordDraft draft(Prefix prefix, PartyKey key) {
        RecordDraft.Builder draft = RecordDraft.prefix(prefix, Parties.ROOT)
                .expiresAt(System.currentTimeMillis() + Duration.ofDays(365).toMillis());
        PrefixDescription description =
                PrefixDescription.newBuilder().setName(prefix.canonical()).build();
        NodeAddress address = NodeAddress.newBuilder()
                .setFace("waymark")
                .setHost("node.example.com")
                .setPort(2640)
                .build();
        return PrefixRecord.describe(draft, description, List.of(key), List.of(address))
                .build();
    }

    private static byte[] request(Prefix prefix, int number) {
        Identifier part = Identifier.parse(prefix.scheme(), prefix.canonical() + "/PART" + number);
        RecordKey key = RecordKey.of(RecordKind.ITEM, part.scheme(), part.canonical());
        return ResolveRequest.newBuilder().setKey(key.toProto()).build().toByteArray();
    }

    /** How many look-ups there are. */
    public int size() {
        return requests.length;
    }

    /** The encoded {@code ResolveRequest}. */
    public byte[] request(int lookUp) {
        return requests[lookUp];
    }

    /** Whether these bytes are the record of the prefix that this look-up's part is below. */
    public boolean isReferral(ByteBuf in, int offset, int length, int lookUp) {
        ByteBuf record = records[lookUp % records.length];
        return length == record.readableBytes() && ByteBufUtil.equals(in, offset, record, 0, length);
    }
}
