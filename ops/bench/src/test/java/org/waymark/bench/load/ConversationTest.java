package org.waymark.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.waymark.bench.data.KeySequence;
import org.waymark.bench.data.SampleKeys;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;
import org.waymark.wire.FrameHeader;

class ConversationTest {

    private static final int KEYS = 4;

    private final SampleKeys sample = SampleKeys.make(KEYS);
    private final Tally tally = new Tally();
    private final ByteBuf sent = Unpooled.buffer();
    private final ByteBuf received = Unpooled.buffer();

    private KeySequence.Cursor inOrder() {
        return KeySequence.inOrder(KEYS).from(0);
    }

    private Conversation resolve() {
        return new ResolveConversation(sample.table(), inOrder(), KEYS, tally);
    }

    private Conversation redis() {
        return new RedisConversation(sample.table(), inOrder(), KEYS, tally);
    }

    private void call(Conversation conversation, int times) {
        for (int i = 0; i < times; i++) {
            conversation.call(sent, 0);
        }
    }

    private void answer(int requestId, int item, int key) {
        byte[] record = sample.record(key);
        FrameHeader.writeAnswer(
                received, record.length, 0, Outcome.RECORD, AnswerSource.NEAR_CACHE, requestId, item, 1_000);
        received.writeBytes(record);
    }

    private void bulk(int key) {
        byte[] record = sample.record(key);
        received.writeBytes(("$" + record.length + "\r\n").getBytes(StandardCharsets.US_ASCII));
        received.writeBytes(record);
        received.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** Hands the received bytes over one by one; returns the calls that were answered. */
    private int readByteByByte(Conversation conversation) {
        ByteBuf pieces = Unpooled.buffer();
        int finished = 0;
        while (received.isReadable()) {
            pieces.writeByte(received.readByte());
            finished += conversation.read(pieces);
        }
        return finished;
    }

    private int requestIdOfCall(int call, int bytesOfACall) {
        return sent.getInt(call * bytesOfACall + 8);
    }

    @Test
    void recordsInAnyOrderAndAnyPiecesAreCounted() {
        Conversation conversation = resolve();
        call(conversation, 3);
        int bytes = sent.readableBytes() / 3;
        BiConsumer<Integer, Integer> answer = (call, key) -> answer(requestIdOfCall(call, bytes), 0, key);
        answer.accept(2, 2);
        answer.accept(0, 0);
        answer.accept(1, 1);

        assertThat(readByteByByte(conversation)).isEqualTo(3);
        assertThat(tally.answers()).isEqualTo(3);
        assertThat(tally.answersFrom(AnswerSource.NEAR_CACHE)).isEqualTo(3);
    }

    @Test
    void anotherRecordIsAWrongAnswer() {
        Conversation conversation = resolve();
        call(conversation, 1);
        answer(requestIdOfCall(0, 0), 0, 1);

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }

    @Test
    void anAnswerWithoutARecordIsAWrongAnswer() {
        Conversation conversation = resolve();
        call(conversation, 1);
        FrameHeader.writeAnswer(received, 0, 0, Outcome.NOT_FOUND, AnswerSource.REGISTRY, requestIdOfCall(0, 0), 0, 0);

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }

    @Test
    void aCallForManyIsAnsweredOnceAllItemsAre() {
        Conversation conversation = new ResolveManyConversation(sample.table(), inOrder(), KEYS, 1, tally);
        call(conversation, 1);
        for (int item : new int[] {3, 0, 2}) {
            answer(0, item, item);
        }
        assertThat(conversation.read(received)).isZero();
        answer(0, 1, 1);

        assertThat(conversation.read(received)).isEqualTo(1);
        assertThat(tally.answers()).isEqualTo(KEYS);
    }

    @Test
    void redisAnswersInOrderAndAnyPiecesAreCounted() {
        Conversation conversation = redis();
        call(conversation, 2);
        bulk(0);
        bulk(1);

        assertThat(readByteByByte(conversation)).isEqualTo(2);
        assertThat(sent.toString(StandardCharsets.UTF_8))
                .startsWith("*2\r\n$3\r\nGET\r\n$24\r\n" + sample.table().identifier(0) + "\r\n*2\r\n");
    }

    @Test
    void redisAnswersInAnotherOrderAreWrong() {
        Conversation conversation = redis();
        call(conversation, 2);
        bulk(1);

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }

    @Test
    void aKeyThatRedisHasNotIsAWrongAnswer() {
        Conversation conversation = redis();
        call(conversation, 1);
        received.writeBytes("$-1\r\n".getBytes(StandardCharsets.US_ASCII));

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }

    private void httpAnswer(String head, String body) {
        received.writeBytes((head + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII));
    }

    private static HttpCall page(int number) {
        return HttpCall.get("/page/" + number, ("body" + number).getBytes(StandardCharsets.US_ASCII));
    }

    private Conversation http(HttpCall... calls) {
        return new HttpConversation(
                List.of(calls), KeySequence.inOrder(calls.length).from(0), KEYS, tally);
    }

    @Test
    void httpAnswersInAnyPiecesAreCounted() {
        Conversation conversation = http(page(0), page(1));
        call(conversation, 3);
        for (String body : List.of("body0", "body1", "body0")) {
            httpAnswer("HTTP/1.1 200 OK", body);
        }

        assertThat(readByteByByte(conversation)).isEqualTo(3);
        assertThat(sent.toString(StandardCharsets.US_ASCII))
                .startsWith("GET /page/0 HTTP/1.1\r\nHost: ")
                .contains("\r\n\r\nGET /page/1 HTTP/1.1\r\n");
    }

    @ParameterizedTest
    @CsvSource({"HTTP/1.1 200 OK, body1", "HTTP/1.1 404 Not Found, body0"})
    void anotherBodyOrStatusIsAWrongAnswer(String head, String body) {
        Conversation conversation = http(page(0));
        call(conversation, 1);
        httpAnswer(head, body);

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }

    @Test
    void redirectionsAreCounted() {
        Conversation conversation = http(HttpCall.redirect("/a", "https://example.com/a"));
        call(conversation, 2);
        httpAnswer("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://example.com/a", "");
        httpAnswer("HTTP/1.1 307 Temporary Redirect\r\nLocation: https://example.com/a\r\nVary: Accept", "");

        assertThat(readByteByByte(conversation)).isEqualTo(2);
        assertThat(sent.toString(StandardCharsets.US_ASCII)).contains("\r\nAccept: text/html\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://example.com/b",
                "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://example.com/a/b",
                "HTTP/1.1 307 Temporary Redirect",
                "HTTP/1.1 200 OK\r\nLocation: https://example.com/a"
            })
    void aRedirectionElsewhereIsAWrongAnswer(String head) {
        Conversation conversation = http(HttpCall.redirect("/a", "https://example.com/a"));
        call(conversation, 1);
        httpAnswer(head, "");

        assertThatThrownBy(() -> conversation.read(received)).isInstanceOf(WrongAnswerException.class);
    }
}
