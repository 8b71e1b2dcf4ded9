package org.waymark.node.endpoint.handle;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;
import org.waymark.identifier.Scheme;
import org.waymark.node.endpoint.handle.HandleRequest.Task;
import org.waymark.node.endpoint.handle.PendingChallenges.Pending;
import org.waymark.node.endpoint.handle.PendingChallenges.Taken;
import org.waymark.record.RecordKey;
import org.waymark.v1.RecordKind;

class PendingChallengesTest {

    private static final RecordKey ITEM = RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.118.8/X");
    private static final RecordKey OWNER = RecordKey.of(RecordKind.PREFIX, Scheme.VAA, "88.118.8");
    private static final Task.Change DELETE = new Task.Change(new Edit.Delete(), new byte[32]);
    private static final HandleRequest REQUEST = Messages.decode(Messages.resolve(1, "88.118.8/X"));

    private final PendingChallenges challenges = new PendingChallenges();

    private static InetAddress address(int number) {
        try {
            return InetAddress.getByAddress(new byte[] {10, 0, (byte) (number >> 8), (byte) number});
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    private Pending add(int source, long now) {
        return challenges.add(address(source), REQUEST, DELETE, ITEM, OWNER, now);
    }

    private Taken take(Pending pending, int source, Task.ChallengeAnswer answer, long now) {
        return challenges.take(pending.sessionId(), address(source), answer, now);
    }

    private static Task.ChallengeAnswer answer(int... proof) {
        byte[] bytes = new byte[proof.length];
        for (int i = 0; i < proof.length; i++) {
            bytes[i] = (byte) proof[i];
        }
        return new Task.ChallengeAnswer(
                "HS_PUBKEY", "0.NA/88.118.8".getBytes(java.nio.charset.StandardCharsets.UTF_8), 390, bytes);
    }

    @Test
    void aChallengeIsGoodForOneAnswerAndTheSameAgainFindsItsResult() {
        Pending pending = add(1, 0);

        Taken first = take(pending, 1, answer(1, 2), 1);

        assertThat(first.pending()).isSameAs(pending);
        assertThat(challenges.size()).isZero();
        assertThat(take(pending, 1, answer(1, 3), 2)).isNull();
        assertThat(take(pending, 1, answer(1, 2), 2)).isEqualTo(new Taken(null, first.result()));
    }

    @Test
    void nobodyElseAnswersIt() {
        Pending pending = add(1, 0);

        assertThat(take(pending, 2, answer(1), 1)).isNull();
        assertThat(take(pending, 1, answer(1), 1)).isNotNull();
        assertThat(take(pending, 2, answer(1), 1)).isNull();
    }

    @Test
    void afterItsTimeItIsGone() {
        Pending pending = add(1, 0);
        Pending other = add(1, 5);

        assertThat(take(pending, 1, answer(1), PendingChallenges.LIFE_NANOS + 1))
                .isNull();
        assertThat(take(other, 1, answer(1), PendingChallenges.LIFE_NANOS + 1)).isNotNull();
    }

    @Test
    void noncesDiffer() {
        assertThat(add(1, 0).nonce()).isNotEqualTo(add(1, 0).nonce());
    }

    @Test
    void theOldestGiveWay() {
        Pending first = add(1, 0);
        for (int i = 0; i < PendingChallenges.MOST_OF_ONE; i++) {
            add(1, 1);
        }
        assertThat(challenges.size()).isEqualTo(PendingChallenges.MOST_OF_ONE);
        assertThat(take(first, 1, answer(1), 2)).isNull();
        for (int i = 0; i < 2 * PendingChallenges.MOST; i++) {
            add(i + 2, 2);
        }
        assertThat(challenges.size()).isEqualTo(PendingChallenges.MOST);
    }

    @Test
    void anIpv6NetworkIsOneSource() throws UnknownHostException {
        for (int i = 0; i < 2 * PendingChallenges.MOST_OF_ONE; i++) {
            challenges.add(InetAddress.getByName("2001:db8::" + i), REQUEST, DELETE, ITEM, OWNER, 0);
        }
        assertThat(challenges.size()).isEqualTo(PendingChallenges.MOST_OF_ONE);
    }

    @Test
    void ofOneSourceOnlyTheLastAnswersAreKnownAgain() {
        Pending first = add(1, 0);
        assertThat(take(first, 1, answer(1), 0)).isNotNull();
        for (int i = 0; i < PendingChallenges.MOST_OF_ONE; i++) {
            assertThat(take(first, 1, answer(1), 0)).isNotNull();
            assertThat(take(add(1, 0), 1, answer(1), 0)).isNotNull();
        }
        assertThat(take(first, 1, answer(1), 0)).isNull();
    }
}
