package org.waymark.node.web;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/**
 * Netty's decoder, strict where requests could be smuggled past a proxy that reads them in another way, and with an eye on when a
 * request began.
 */
final class RequestDecoder extends HttpRequestDecoder {

    private static final int CHUNK_BYTES = 16 * 1_024;

    private boolean inRequest;
    private long since;

    RequestDecoder(WebOptions options) {
        super(new HttpDecoderConfig()
                .setMaxInitialLineLength(options.maxRequestLineBytes())
                .setMaxHeaderSize(options.maxHeaderBytes())
                .setMaxChunkSize(CHUNK_BYTES)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true));
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) throws Exception {
        int before = out.size();
        super.decode(context, in, out);
        if (out.size() > before && out.get(out.size() - 1) instanceof LastHttpContent) {
            inRequest = false;
        } else if (!inRequest) {
            inRequest = true;
            since = System.nanoTime();
        }
    }

    /** RFC 9112, section 6.1: both fields in one request are a mark of smuggling. */
    @Override
    protected void handleTransferEncodingChunkedWithContentLength(HttpMessage message) {
        throw new IllegalArgumentException("a request has Transfer-Encoding or Content-Length, not both");
    }

    /** Nanoseconds since a request that isn't complete began; 0: there is none. */
    long nanosInRequest(long now) {
        return inRequest ? now - since : 0;
    }

    /** The client is not to be blamed for the time until now. */
    void restartTime(long now) {
        since = now;
    }
}
