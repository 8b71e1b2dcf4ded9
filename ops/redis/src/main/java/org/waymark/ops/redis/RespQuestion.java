package org.waymark.ops.redis;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;

/** One command of the Redis serialisation protocol (RESP 2), asked on a connection of its own. */
record RespQuestion(List<String> words) {
    private static final int LONGEST_LINE = 1024;
    private static final int LONGEST_BULK = 1 << 16;

    static RespQuestion of(String... words) {
        return new RespQuestion(List.of(words));
    }

    /**
     * Asks and returns the answer: a simple string or error with its leading {@code +} or {@code -}, a bulk string as it is.
     *
     * @param limit the longest wait for the connection, and again for each read
     * @throws IOException if no answer comes, or one of another kind
     */
    String ask(String host, int port, Duration limit) throws IOException {
        int millis = Math.toIntExact(limit.toMillis());
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, port), millis);
            socket.setSoTimeout(millis);
            socket.getOutputStream().write(encoded());
            return answer(new BufferedInputStream(socket.getInputStream()));
        }
    }

    private byte[] encoded() {
        StringBuilder text = new StringBuilder("*").append(words.size()).append("\r\n");
        for (String word : words) {
            int length = word.getBytes(StandardCharsets.UTF_8).length;
            text.append('$').append(length).append("\r\n").append(word).append("\r\n");
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    private static String answer(InputStream in) throws IOException {
        String line = line(in);
        if (line.startsWith("+") || line.startsWith("-")) {
            return line;
        }
        if (!line.matches("\\$\\d{1,6}")) {
            throw new IOException("not the answer of a Redis: " + line);
        }
        int length = Integer.parseInt(line.substring(1));
        if (length > LONGEST_BULK) {
            throw new IOException("an answer of " + length + " bytes, more than " + LONGEST_BULK);
        }
        byte[] bulk = in.readNBytes(length);
        if (bulk.length < length) {
            throw new EOFException("the connection closed within an answer");
        }
        return new String(bulk, StandardCharsets.UTF_8);
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        while (line.size() <= LONGEST_LINE) {
            int next = in.read();
            if (next < 0) {
                throw new EOFException("the connection closed before an answer");
            }
            if (next == '\n') {
                return line.toString(StandardCharsets.UTF_8).strip();
            }
            line.write(next);
        }
        throw new IOException("not the answer of a Redis: a line of more than " + LONGEST_LINE + " bytes");
    }
}
