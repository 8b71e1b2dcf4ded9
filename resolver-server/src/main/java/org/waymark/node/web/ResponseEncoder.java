package org.waymark.node.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Writes the heads of answers. */
final class ResponseEncoder {

    private static final int FIRST_STATUS = 200;
    private static final byte[][] STATUS_LINES = new byte[400][];
    private static final DateTimeFormatter IMF_FIXDATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT);

    private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
    private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
    private static final byte[] CLOSE = ascii("Connection: close\r\n");
    private static final byte[] KEEP_ALIVE = ascii("Connection: keep-alive\r\n");
    private static final byte[] CROSS_ORIGIN =
            ascii("Access-Control-Allow-Origin: *\r\nAccess-Control-Expose-Headers: *\r\n");
    static final byte[] CONTINUE = ascii("HTTP/1.1 100 Continue\r\n\r\n");
    static final byte[] LAST_CHUNK = ascii("0\r\n\r\n");
    static final byte[] LINE_END = ascii("\r\n");

    static {
        for (int i = 0; i < STATUS_LINES.length; i++) {
            int status = FIRST_STATUS + i;
            String reason = HttpResponseStatus.valueOf(status).reasonPhrase();
            STATUS_LINES[i] = ascii("HTTP/1.1 " + status + " " + reason + "\r\n");
        }
    }

    /** The date line of one second. */
    private record DateLine(long second, byte[] line) {}

    private static volatile DateLine date = new DateLine(0, new byte[0]);

    private ResponseEncoder() {}

    /** How the length of a body is said. */
    enum Framing {
        /** {@code Content-Length}. */
        LENGTH,
        /** In chunks. */
        CHUNKED,
        /** The connection ends with it. */
        CLOSE,
        /** The status has no body. */
        NONE
    }

    static void head(ByteBuf out, WebResponse response, Framing framing, Exchange exchange, boolean close) {
        out.writeBytes(STATUS_LINES[response.status() - FIRST_STATUS]);
        out.writeBytes(dateLine());
        out.writeBytes(response.headers().encoded());
        out.writeBytes(response.moreHeaders().encoded());
        if (exchange.resource != null && exchange.resource.crossOrigin()) {
            out.writeBytes(CROSS_ORIGIN);
        }
        if (framing == Framing.LENGTH) {
            out.writeBytes(CONTENT_LENGTH);
            ByteBufUtil.writeAscii(out, Integer.toString(response.body().length));
            out.writeBytes(LINE_END);
        } else if (framing == Framing.CHUNKED) {
            out.writeBytes(CHUNKED);
        }
        if (close) {
            out.writeBytes(CLOSE);
        } else if (exchange.http10) {
            out.writeBytes(KEEP_ALIVE);
        }
        out.writeBytes(LINE_END);
    }

    private static byte[] dateLine() {
        long second = System.currentTimeMillis() / 1_000;
        DateLine now = date;
        if (now.second != second) {
            String text = IMF_FIXDATE.format(Instant.ofEpochSecond(second).atOffset(ZoneOffset.UTC));
            now = new DateLine(second, ascii("Date: " + text + "\r\n"));
            date = now;
        }
        return now.line;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
