package org.waymark.node.recursive;

import java.nio.ByteBuffer;
import org.waymark.node.resolve.ReadyAnswers;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;

/** Answers that are ready, but for referrals: these are followed for some clients. */
public final class OwnReadyAnswers implements ReadyAnswers {

    private final ReadyAnswers all;

    public OwnReadyAnswers(ReadyAnswers all) {
        this.all = all;
    }

    @Override
    public Batch newBatch(int most) {
        return new OwnBatch(all.newBatch(most));
    }

    private record OwnBatch(Batch all) implements Batch {

        @Override
        public void clear() {
            all.clear();
        }

        @Override
        public void add(byte[] bytes, int offset, int length) {
            all.add(bytes, offset, length);
        }

        @Override
        public void locate() {
            all.locate();
        }

        @Override
        public ByteBuffer payload(int lookup) {
            ByteBuffer payload = all.payload(lookup);
            return payload != null && all.outcome() == Outcome.REFERRAL ? null : payload;
        }

        @Override
        public Outcome outcome() {
            return all.outcome();
        }

        @Override
        public RecordKey owner() {
            return all.owner();
        }

        @Override
        public long lifeMillis() {
            return all.lifeMillis();
        }

        @Override
        public boolean isIntact() {
            return all.isIntact();
        }
    }
}
