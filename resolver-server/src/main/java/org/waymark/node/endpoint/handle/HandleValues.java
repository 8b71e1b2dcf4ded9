package org.waymark.node.endpoint.handle;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.waymark.record.HashFunction;
import org.waymark.record.IdentifierRecord;
import org.waymark.record.RecordValue;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;
import org.waymark.v1.RecordKind;
import org.waymark.v1.SignedRecord;
import org.waymark.v1.Value;

/**
 * The values that a record has for clients of this protocol: the long way, for what {@link RecordTranscoder} does not do. Immutable.
 *
 * <p>An item has its own values. A prefix record has them too, save that an address of the Handle face becomes an {@code HS_SITE} at
 * the same index; where it has none of those, it has the site of this node. Keys stay {@code waymark.key}: the protocol has no
 * encoding for Ed25519 and SM2.
 */
final class HandleValues {

    static final String SITE_TYPE = "HS_SITE";

    private static final int FIRST_SITE_INDEX = 3;
    private static final String HANDLE_FACE = "handle";

    private HandleValues() {}

    /**
     * The values that are wanted, in the order of their indexes; the proof is the last one, and proves those that are there.
     *
     * @param ownSite an encoded {@code HS_SITE}
     */
    static List<HandleValue> of(IdentifierRecord record, ValueFilter filter, ByteString ownSite) {
        return record.kind() == RecordKind.PREFIX ? ofPrefix(record, filter, ownSite) : ofItem(record, filter);
    }

    private static List<HandleValue> ofItem(IdentifierRecord record, ValueFilter filter) {
        List<HandleValue> values = new ArrayList<>();
        Set<Long> kept = new HashSet<>();
        int proofIndex = RecordTranscoder.FIRST_PROOF_INDEX;
        for (RecordValue value : record.values()) {
            if (value.index() == proofIndex) {
                proofIndex++;
            }
            if (filter.wants(value.index(), value.type())) {
                values.add(plain(value));
                kept.add(value.index());
            }
        }
        if (filter.wants(proofIndex, RecordTranscoder.PROOF_TYPE)) {
            // No value has the index 0; it keeps an empty set from standing for all.
            kept.add(0L);
            IdentifierRecord part = record.select(hashOf(record), kept, List.of());
            values.add(new HandleValue(proofIndex, RecordTranscoder.PROOF_TYPE, proof(part)));
        }
        return values;
    }

    private static HashFunction hashOf(IdentifierRecord record) {
        return record.valuesMatchRoot(HashFunction.SHA_256) ? HashFunction.SHA_256 : HashFunction.SM3;
    }

    private static HandleValue plain(RecordValue value) {
        return new HandleValue((int) value.index(), value.type(), value.data());
    }

    /** The record without its values, or with them where a reader could not put them back to the byte. */
    private static ByteString proof(IdentifierRecord record) {
        for (RecordValue value : record.values()) {
            ByteString rebuilt = Value.newBuilder()
                    .setIndex((int) value.index())
                    .setType(value.type())
                    .setData(value.data())
                    .build()
                    .toByteString();
            if (!rebuilt.equals(value.encoded())) {
                return record.encoded();
            }
        }
        try {
            return SignedRecord.parseFrom(record.encoded()).toBuilder()
                    .clearValues()
                    .build()
                    .toByteString();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("the record was parsed before", e);
        }
    }

    private static List<HandleValue> ofPrefix(IdentifierRecord record, ValueFilter filter, ByteString ownSite) {
        TreeMap<Long, HandleValue> values = new TreeMap<>();
        int serial = (int) record.version() & 0x7FFF;
        boolean hasSite = false;
        for (RecordValue value : record.values()) {
            HandleValue shown = plain(value);
            if (value.type().equals(PrefixRecord.NODE_TYPE)) {
                ByteString site = site(value.data(), serial);
                hasSite |= site != null;
                shown = site == null ? shown : new HandleValue(shown.index(), SITE_TYPE, site);
            }
            values.put(value.index(), shown);
        }
        if (!hasSite) {
            long index = free(values, FIRST_SITE_INDEX);
            values.put(index, new HandleValue((int) index, SITE_TYPE, ownSite));
        }
        long proofIndex = free(values, RecordTranscoder.FIRST_PROOF_INDEX);
        HandleValue proof = new HandleValue((int) proofIndex, RecordTranscoder.PROOF_TYPE, record.encoded());
        List<HandleValue> wanted = new ArrayList<>();
        values.values().stream().filter(value -> wants(filter, value)).forEach(wanted::add);
        if (wants(filter, proof)) {
            wanted.add(proof);
        }
        return wanted;
    }

    private static boolean wants(ValueFilter filter, HandleValue value) {
        return filter.wants(value.index(), value.type());
    }

    private static long free(TreeMap<Long, HandleValue> values, long from) {
        long index = from;
        while (values.containsKey(index)) {
            index++;
        }
        return index;
    }

    /** The sites of a prefix that has nodes of its own. */
    static List<HandleValue> sites(IdentifierRecord prefixRecord) {
        int serial = (int) prefixRecord.version() & 0x7FFF;
        List<HandleValue> sites = new ArrayList<>();
        for (RecordValue value : prefixRecord.values()) {
            ByteString site = value.type().equals(PrefixRecord.NODE_TYPE) ? site(value.data(), serial) : null;
            if (site != null) {
                sites.add(new HandleValue((int) value.index(), SITE_TYPE, site));
            }
        }
        return sites;
    }

    /** Null where the address is of another face, or is a name: a site has numbers only. */
    private static ByteString site(ByteString nodeAddress, int serial) {
        NodeAddress address;
        try {
            address = NodeAddress.parseFrom(nodeAddress);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
        if (!address.getFace().equals(HANDLE_FACE)) {
            return null;
        }
        return SiteRecord.ofLiteral(address.getHost(), address.getPort(), serial)
                .map(SiteRecord::encoded)
                .orElse(null);
    }
}
