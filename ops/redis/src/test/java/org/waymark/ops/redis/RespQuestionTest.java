package org.waymark.ops.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RespQuestionTest {
    @Test
    void simpleStringsAndErrorsKeepTheirSign() throws IOException {
        assertThat(answerTo("+PONG\r\n")).isEqualTo("+PONG");
        assertThat(answerTo("-LOADING Redis is loading the dataset in memory\r\n"))
                .startsWith("-LOADING");
    }

    @Test
    void aBulkStringIsReadWhole() throws IOException {
        assertThat(answerTo("$9\r\na:1\r\nb:2\n\r\n")).isEqualTo("a:1\r\nb:2\n");
    }

    @Test
    void aConnectionThatClosesEarlyIsNoAnswer() {
        assertThatThrownBy(() -> answerTo("")).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> answerTo("+PON")).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> answerTo("$10\r\nabc")).isInstanceOf(EOFException.class);
    }

    @Test
    void anotherProtocolIsRefused() {
        assertThatThrownBy(() -> answerTo("HTTP/1.1 400 Bad Request\r\n")).hasMessageContaining("HTTP/1.1 400");
        assertThatThrownBy(() -> answerTo("x".repeat(5000))).hasMessageContaining("more than 1024");
    }

    @Test
    void aHugeBulkIsRefusedBeforeItIsRead() {
        assertThatThrownBy(() -> answerTo("$999999\r\n")).hasMessageContaining("999999 bytes, more than 65536");
    }

    private static String answerTo(String text) throws IOException {
        try (ScriptedServer server = ScriptedServer.saying(text)) {
            return RespQuestion.of("PING").ask("127.0.0.1", server.port(), Duration.ofSeconds(20));
        }
    }
}
