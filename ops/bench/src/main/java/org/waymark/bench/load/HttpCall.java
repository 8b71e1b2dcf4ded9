package org.waymark.bench.load;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;

/**
 * A GET request over HTTP/1.1, and what every answer to it has to be. Immutable; nobody changes the bytes.
 *
 * @param request its bytes
 * @param status the start of the answer, up to its status
 * @param line of the answer's head, with the line ends around it; empty: none has to be there
 * @param body the whole body
 */
public record HttpCall(byte[] request, byte[] status, byte[] line, byte[] body) {

    private static final byte[] NO_LINE = {};
    private static final String LINE_END = "\r\n";
    private static final int TIMEOUT_MILLIS = 10_000;

    /** Asks for a path; the answer has status 200 and this body. */
    public static HttpCall get(String path, byte[] body) {
        return new HttpCall(ascii(request(path, "")), ascii("HTTP/1.1 200"), NO_LINE, body);
    }

    /**
     * Asks as a browser does that likes pages best; the answer has status 307, leads there, and has no body.
     *
     * @param location an absolute address in visible ASCII
     */
    public static HttpCall redirect(String path, String location) {
        return new HttpCall(
                ascii(request(path, "Accept: text/html\r\n")),
                ascii("HTTP/1.1 307"),
                ascii("\r\nLocation: " + location + LINE_END),
                new byte[0]);
    }

    private static String request(String path, String fields) {
        return "GET " + path + " HTTP/1.1\r\nHost: bench\r\n" + fields + LINE_END;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /**
     * An answer as it came.
     *
     * @param head all lines, the empty one at the end too
     */
    public record Answer(String head, byte[] body) {

        /** A field of the head. */
        public Optional<String> field(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return head.lines()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .findFirst();
        }
    }

    /** Asks once, over a connection of its own. */
    public Answer ask(InetSocketAddress server) throws IOException {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(TIMEOUT_MILLIS);
            socket.connect(server, TIMEOUT_MILLIS);
            socket.getOutputStream().write(request);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            String read = "";
            while (!read.endsWith(LINE_END + LINE_END)) {
                int next = in.read();
                if (next < 0) {
                    throw new EOFException("the server closed the connection within the head of its answer");
                }
                head.write(next);
                read = next == '\n' ? head.toString(StandardCharsets.ISO_8859_1) : read;
            }
            int length = new Answer(read, NO_LINE)
                    .field("Content-Length")
                    .map(Integer::parseInt)
                    .orElse(0);
            byte[] body = in.readNBytes(length);
            if (body.length < length) {
                throw new EOFException("the server closed the connection within the body of its answer");
            }
            return new Answer(read, body);
        }
    }
}
