package org.waymark.node.metrics;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.waymark.record.RecordKey;
import org.waymark.v1.Outcome;
import org.waymark.v1.RegisterResult;
import org.waymark.wire.AnswerSource;

/** Counts what happens on one connection. To be used by one thread at a time, and best by one alone: its event loop. */
public final class ConnectionMetrics {

    private static final int FIRST_ROOM = 16;

    private final FaceMetrics face;
    private final String source;
    /** Written by the connection's thread only. */
    private final AtomicLong answers = new AtomicLong();

    private OwnerTally tally;
    /** What {@link #readyDone} has yet to count. */
    private Outcome[] outcomes = new Outcome[FIRST_ROOM];

    private OwnerTally.Cell[] owners = new OwnerTally.Cell[FIRST_ROOM];
    private int ready;
    private boolean open;
    private long taken;

    ConnectionMetrics(FaceMetrics face, SocketAddress remote) {
        this.face = face;
        this.source = text(remote);
        this.tally = face.tally();
    }

    private static String text(SocketAddress remote) {
        InetAddress address = remote instanceof InetSocketAddress inet ? inet.getAddress() : null;
        return address == null ? "unknown" : address.getHostAddress();
    }

    /** The connection is one of those that the node serves. */
    public void opened() {
        open = true;
        face.opened(this);
    }

    /** The connection is gone. */
    public void closed() {
        if (open) {
            open = false;
            face.closed(this);
        }
    }

    /** The connection was one too many, and was closed. */
    public void refused() {
        face.refused();
    }

    /** The client took nothing of what was sent to it, and was let go. */
    public void slowEnded() {
        face.slowEnded();
    }

    /** What the client sent could not be understood. */
    public void malformed() {
        face.malformed();
    }

    /**
     * One answer to a look-up.
     *
     * @param stale it was older than its life allows
     * @param owner key of the prefix record that the answer hangs on; null where there is none
     * @param nanos from when the request was read until its answer was handed over to be sent
     */
    public void answered(Outcome outcome, AnswerSource from, boolean stale, RecordKey owner, long nanos) {
        face.answered(outcome, from, 1);
        if (stale) {
            face.stale();
        }
        face.took(nanos, 1);
        if (owner != null) {
            cell(owner).add(isSuccess(outcome), nanos, face.window());
        }
        countAnswers(1);
    }

    /** One answer from the near cache that is not stale; it is counted by {@link #readyDone}. */
    public void ready(Outcome outcome, RecordKey owner) {
        if (ready == outcomes.length) {
            outcomes = Arrays.copyOf(outcomes, 2 * ready);
            owners = Arrays.copyOf(owners, 2 * ready);
        }
        outcomes[ready] = outcome;
        owners[ready++] = cell(owner);
    }

    /**
     * Counts what was {@link #ready} since this was called last.
     *
     * @param nanos from when their requests were read until their answers were handed over to be sent
     */
    public void readyDone(long nanos) {
        if (ready == 0) {
            return;
        }
        long window = face.window();
        int counted = 0;
        for (int i = 0; i < ready; i++) {
            Outcome outcome = outcomes[i];
            owners[i].add(isSuccess(outcome), nanos, window);
            if (i + 1 == ready || outcomes[i + 1] != outcome) {
                face.answered(outcome, AnswerSource.NEAR_CACHE, i + 1 - counted);
                counted = i + 1;
            }
        }
        face.took(nanos, ready);
        face.ready(ready);
        countAnswers(ready);
        ready = 0;
    }

    private static boolean isSuccess(Outcome outcome) {
        return outcome == Outcome.RECORD || outcome == Outcome.RECORD_REVOKED || outcome == Outcome.REFERRAL;
    }

    private OwnerTally.Cell cell(RecordKey owner) {
        if (!tally.isMine()) {
            tally = face.tally();
        }
        return tally.cell(owner);
    }

    private void countAnswers(int count) {
        answers.setOpaque(answers.getPlain() + count);
    }

    /** What became of one record that was offered. */
    public void registered(RegisterResult.Code code) {
        face.registered(code);
    }

    /**
     * Records that were offered together took so long.
     *
     * @param nanos from when the request was read until its answer was handed over to be sent
     */
    public void registrationTook(long nanos, int records) {
        face.registrationTook(nanos, records);
    }

    /** Where the connection comes from: an address without the port. */
    String source() {
        return source;
    }

    /** How many look-ups were answered here since this was called last. May be called by any thread. */
    synchronized long takeAnswers() {
        long now = answers.getOpaque();
        long more = now - taken;
        taken = now;
        return more;
    }
}
