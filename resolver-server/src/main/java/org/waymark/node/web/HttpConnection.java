package org.waymark.node.web;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.endpoint.UnsentBytes;

/**
 * One connection: takes requests in, has them answered, and sends the answers in the order of the requests, those of one read with
 * one flush. Everything here happens on the connection's event loop.
 *
 * <p>A client is read from while its requests are few enough, it takes its answers, and whoever reads its body keeps up.
 */
final class HttpConnection extends ChannelInboundHandlerAdapter {

    /** The event that the server stops. */
    static final Object GOING_AWAY = new Object();

    private static final Logger log = LoggerFactory.getLogger(HttpConnection.class);

    private static final byte[] NO_BODY = {};
    private static final int FIRST_OUT_BYTES = 2 * 1_024;
    /** Bodies up to this size are copied behind their head, longer ones sent as they are. */
    private static final int COPIED_BODY_BYTES = 8 * 1_024;
    /** So much is gathered before it is written. */
    private static final int FULL_OUT_BYTES = 64 * 1_024;
    /** What has to move within the body timeout. */
    private static final int PROGRESS_BYTES = 16 * 1_024;

    private static final long LINGER_MILLIS = 1_000;
    private static final int LOOKS = 4;
    private static final String PREFLIGHT_SECONDS = "86400";

    private final WebOptions options;
    private final Router router;
    private final WebEvents events;
    private final UnsentBytes unsent;
    private final RequestDecoder decoder;
    private final boolean secure;

    private final Queue<HttpObject> waiting = new ArrayDeque<>(2);
    private final ArrayDeque<Exchange> open = new ArrayDeque<>(2);
    private ChannelHandlerContext context;
    private Future<?> looking;
    /** Whose body is coming in. */
    private Exchange receiving;
    /** The answer at the front whose body is being sent piece by piece. */
    private ChunkSource sending;

    private ResponseEncoder.Framing sendingFraming;
    private boolean sendingThenClose;
    /** What is written but not handed to the channel. */
    private ByteBuf out;

    private long unsentHere;
    private long written;
    private boolean flushDue;
    private boolean flushing;
    private boolean admitting;
    private boolean pumping;
    /** No further request is taken. */
    private boolean closing;

    private boolean ended;
    private boolean goingAway;

    private long lastActivity;
    private long bodySince;
    private long bodyBytes;
    private long takeSince;
    private long taken;

    HttpConnection(
            WebOptions options,
            Router router,
            WebEvents events,
            UnsentBytes unsent,
            RequestDecoder decoder,
            boolean secure) {
        this.options = options;
        this.router = router;
        this.events = events;
        this.unsent = unsent;
        this.decoder = decoder;
        this.secure = secure;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        this.context = context;
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
        lastActivity = System.nanoTime();
        takeSince = lastActivity;
        long period = Math.min(
                        options.headerTimeout().toNanos(),
                        Math.min(
                                options.bodyTimeout().toNanos(),
                                options.idleTimeout().toNanos()))
                / LOOKS;
        looking = context.executor()
                .scheduleWithFixedDelay(this::look, Math.max(1, period), Math.max(1, period), TimeUnit.NANOSECONDS);
    }

    // ---- requests ----------------------------------------------------------------------------------------------

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (closing) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (waiting.isEmpty() && mayTake(message)) {
            take((HttpObject) message);
        } else {
            waiting.add((HttpObject) message);
        }
    }

    /** True where the object belongs to a request that is open already, or another one may be. */
    private boolean mayTake(Object message) {
        return !(message instanceof HttpRequest) || (open.size() < options.maxPipelined() && hasRoom());
    }

    private boolean hasRoom() {
        return context.channel().isWritable();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
        lastActivity = System.nanoTime();
        flush();
        readOrNot();
    }

    /** Takes what waits, as far as it may be open. */
    private void admit() {
        if (admitting) {
            return;
        }
        admitting = true;
        try {
            while (!ended && !waiting.isEmpty() && mayTake(waiting.peek())) {
                HttpObject next = waiting.poll();
                if (closing) {
                    ReferenceCountUtil.release(next);
                } else {
                    take(next);
                }
            }
        } finally {
            admitting = false;
        }
        flushSoon();
        readOrNot();
    }

    private void readOrNot() {
        if (ended) {
            return;
        }
        boolean reading = !closing
                && waiting.isEmpty()
                && open.size() < options.maxPipelined()
                && hasRoom()
                && (receiving == null || receiving.streamed == null || receiving.streamed.hasRoom());
        if (context.channel().config().isAutoRead() != reading) {
            long now = System.nanoTime();
            decoder.restartTime(now);
            bodySince = now;
            context.channel().config().setAutoRead(reading);
        }
    }

    private void take(HttpObject message) {
        try {
            if (message.decoderResult().isFailure()) {
                events.malformedRequest();
                refuse(malformed(message.decoderResult().cause()));
            } else {
                if (message instanceof HttpRequest request) {
                    begin(request);
                }
                if (message instanceof HttpContent content && !closing) {
                    receive(content);
                }
            }
        } finally {
            ReferenceCountUtil.release(message);
        }
    }

    private static Problem malformed(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Problem.of(414, "The request line is too long").detail(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof TooLongHttpHeaderException) {
            return Problem.of(431, "The header fields are too long").detail(String.valueOf(cause.getMessage()));
        }
        return Problem.of(400, "The request is not HTTP as it has to be").detail(String.valueOf(cause.getMessage()));
    }

    /** Answers with this problem what came last, and takes nothing more. */
    private void refuse(Problem problem) {
        Exchange exchange = receiving;
        receiving = null;
        closing = true;
        if (exchange == null) {
            exchange = new Exchange(false, false, null, "", "", null, null);
            open.add(exchange);
        }
        exchange.keepAlive = false;
        if (exchange.streamed == null) {
            answer(exchange, problem.response());
        } else {
            // Its handler is at work on it, and answers.
            exchange.streamed.fail(new BodyException(problem.status(), problem.title()));
        }
    }

    private void begin(HttpRequest request) {
        HttpHeaders headers = request.headers();
        boolean http10 = request.protocolVersion().equals(HttpVersion.HTTP_1_0);
        if (!http10 && !request.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            refuse(Problem.of(505, "The version of HTTP is another one")
                    .detail("This server speaks HTTP/1.1 and HTTP/1.0, not " + request.protocolVersion() + "."));
            return;
        }
        int hosts = headers.contains(HttpHeaderNames.HOST)
                ? headers.getAll(HttpHeaderNames.HOST).size()
                : 0;
        if (hosts > 1 || (hosts == 0 && !http10)) {
            refuse(Problem.of(400, "A request has one Host field").with("field", "Host"));
            return;
        }
        boolean chunked = headers.contains(HttpHeaderNames.TRANSFER_ENCODING);
        if (chunked
                && (http10
                        || headers.getAll(HttpHeaderNames.TRANSFER_ENCODING).size() != 1
                        || !headers.get(HttpHeaderNames.TRANSFER_ENCODING).equalsIgnoreCase("chunked"))) {
            refuse(Problem.of(501, "The transfer coding is not known")
                    .detail("Bodies come in chunks or with their length.")
                    .with("field", "Transfer-Encoding"));
            return;
        }
        String method = request.method().name();
        if (method.equals("OPTIONS") && request.uri().equals("*")) {
            Exchange exchange = new Exchange(false, http10, request, "*", "*", null, null);
            exchange.keepAlive = HttpUtil.isKeepAlive(request);
            enter(exchange, WebResponse.of(204, Headers.NONE), chunked || HttpUtil.getContentLength(request, 0L) > 0);
            return;
        }
        RequestTarget target = RequestTarget.of(request.uri());
        if (target == null) {
            refuse(Problem.of(400, "The request target is none")
                    .detail(
                            "It is a path that begins with a slash; what is not visible ASCII has to be percent-encoded.")
                    .with("field", "target"));
            return;
        }
        Router.Resource resource = router.find(target.path());
        Router.Route route = resource == null ? null : resource.routes().get(method);
        Exchange exchange =
                new Exchange(method.equals("HEAD"), http10, request, target.target(), target.path(), resource, route);
        exchange.keepAlive = HttpUtil.isKeepAlive(request);
        begin(exchange, method, chunked, chunked ? -1 : HttpUtil.getContentLength(request, 0L));
    }

    /**
     * @param length of the body; -1: it comes in chunks
     */
    private void begin(Exchange exchange, String method, boolean chunked, long length) {
        boolean hasBody = chunked || length > 0;
        if (exchange.route == null) {
            enter(exchange, withoutRoute(exchange, method), hasBody);
            return;
        }
        String expected = exchange.request.headers().get(HttpHeaderNames.EXPECT);
        if (expected != null && !expected.equalsIgnoreCase("100-continue")) {
            Problem problem = Problem.of(417, "The expectation is not known").with("field", "Expect");
            enter(exchange, problem.response(), hasBody);
            return;
        }
        exchange.continueDue = expected != null && hasBody && !exchange.http10;
        if (exchange.route.body() instanceof Router.Body.None && hasBody) {
            Problem problem = Problem.of(413, "This route takes no body");
            enter(exchange, problem.response(), true);
        } else if (exchange.route.body() instanceof Router.Body.Whole body && length > body.maxBytes()) {
            enter(exchange, tooLong(body.maxBytes()).response(), true);
        } else if (exchange.route.body() instanceof Router.Body.Streamed body && length > body.maxBytes()) {
            enter(exchange, tooLong(body.maxBytes()).response(), true);
        } else {
            enter(exchange, null, hasBody);
        }
    }

    private static Problem tooLong(long maxBytes) {
        return Problem.of(413, "The body is too long").detail("At most " + maxBytes + " bytes are allowed.");
    }

    private static WebResponse withoutRoute(Exchange exchange, String method) {
        Router.Resource resource = exchange.resource;
        if (resource == null) {
            return Problem.of(404, "There is nothing at this path").response();
        }
        if (!method.equals("OPTIONS")) {
            return Problem.of(405, "The method is not allowed here")
                    .detail("Allowed are " + resource.allow() + ".")
                    .withHeader("Allow", resource.allow())
                    .response();
        }
        Headers headers = Headers.of("Allow", resource.allow());
        if (resource.crossOrigin()
                && exchange.request.headers().contains(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD)) {
            headers = headers.with("Access-Control-Allow-Methods", resource.allow())
                    .with("Access-Control-Allow-Headers", "*")
                    .with("Access-Control-Max-Age", PREFLIGHT_SECONDS);
        }
        return WebResponse.of(204, headers);
    }

    /**
     * Puts a request at the end of those that are open.
     *
     * @param early its answer, where that does not depend on its body; else null
     */
    private void enter(Exchange exchange, WebResponse early, boolean hasBody) {
        open.add(exchange);
        if (early != null) {
            if (hasBody) {
                // Rather than to read a body that nobody wants.
                exchange.keepAlive = false;
                closing = true;
            }
            exchange.received = true;
            answer(exchange, early);
            return;
        }
        receiving = exchange;
        bodySince = System.nanoTime();
        bodyBytes = 0;
        if (exchange.route.body() instanceof Router.Body.Streamed body) {
            exchange.streamed = new RequestBody(body.maxBytes(), () -> later(this::readOrNot));
            sendContinue();
            handle(exchange, NO_BODY);
        } else {
            sendContinue();
        }
    }

    /** Says 100 where the request at the front waits for it. */
    private void sendContinue() {
        Exchange first = open.peek();
        if (first != null && first.continueDue && first.response == null) {
            first.continueDue = false;
            out().writeBytes(ResponseEncoder.CONTINUE);
            flushSoon();
        }
    }

    private void receive(HttpContent content) {
        Exchange exchange = receiving;
        if (exchange == null) {
            return;
        }
        int length = content.content().readableBytes();
        exchange.continueDue &= length == 0;
        bodyBytes += length;
        if (length > 0 && exchange.streamed != null) {
            if (!exchange.streamed.receive(ByteBufUtil.getBytes(content.content()))) {
                exchange.keepAlive = false;
                closing = true;
                receiving = null;
                return;
            }
        } else if (length > 0) {
            int maxBytes = ((Router.Body.Whole) exchange.route.body()).maxBytes();
            if (exchange.whole == null) {
                exchange.whole = new ByteArrayOutputStream(length);
            }
            if (exchange.whole.size() + length > maxBytes) {
                refuse(tooLong(maxBytes));
                return;
            }
            exchange.whole.writeBytes(ByteBufUtil.getBytes(content.content()));
        }
        if (content instanceof LastHttpContent) {
            receiving = null;
            exchange.received = true;
            if (exchange.streamed != null) {
                exchange.streamed.end();
            } else {
                byte[] body = exchange.whole == null ? NO_BODY : exchange.whole.toByteArray();
                exchange.whole = null;
                handle(exchange, body);
            }
        }
    }

    private void handle(Exchange exchange, byte[] body) {
        WebRequest request = new WebRequest(
                exchange.request.method().name(),
                exchange.target,
                exchange.path,
                exchange.resource.fixed().length(),
                exchange.request.headers(),
                body,
                exchange.streamed,
                (InetSocketAddress) context.channel().remoteAddress(),
                secure,
                context.executor(),
                events);
        CompletableFuture<WebResponse> future;
        try {
            future = exchange.route.handler().handle(request);
        } catch (RuntimeException e) {
            answer(exchange, failed(exchange, e));
            return;
        }
        if (future.isDone()) {
            answer(exchange, join(exchange, future));
        } else {
            future.whenComplete((response, fault) -> later(() -> {
                answer(exchange, fault == null && response != null ? response : failed(exchange, fault));
                flushSoon();
                admit();
            }));
        }
    }

    private static WebResponse join(Exchange exchange, CompletableFuture<WebResponse> done) {
        try {
            WebResponse response = done.join();
            return response == null ? failed(exchange, null) : response;
        } catch (CompletionException | CancellationException e) {
            return failed(exchange, e);
        }
    }

    private static WebResponse failed(Exchange exchange, Throwable fault) {
        Throwable cause = fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
        if (cause instanceof ProblemException problem) {
            return problem.problem().response();
        }
        if (cause instanceof BodyException body) {
            return Problem.of(body.status(), "The body can't be taken")
                    .detail(String.valueOf(body.getMessage()))
                    .response();
        }
        log.atWarn()
                .addKeyValue("method", exchange.request.method())
                .addKeyValue("path", exchange.path)
                .setCause(cause)
                .log("a request failed inside the node");
        return Problem.of(500, "The node failed on this request").response();
    }

    private void later(Runnable work) {
        if (context.executor().inEventLoop()) {
            work.run();
            return;
        }
        try {
            context.executor().execute(work);
        } catch (RejectedExecutionException e) {
            log.atDebug().setCause(e).log("an answer came after the event loops had ended");
        }
    }

    // ---- answers -----------------------------------------------------------------------------------------------

    private void answer(Exchange exchange, WebResponse response) {
        exchange.response = response;
        if (ended) {
            discard(response);
        } else {
            sendAnswers();
        }
    }

    /** Writes the answers that are there and whose turn it is. */
    private void sendAnswers() {
        while (!ended && sending == null) {
            Exchange first = open.peek();
            if (first == null || first.response == null || !hasRoom()) {
                return;
            }
            send(first);
        }
    }

    private void send(Exchange exchange) {
        WebResponse response = exchange.response;
        ChunkSource stream = response.streamOrNull();
        boolean last = !exchange.keepAlive || (goingAway && open.size() == 1 && waiting.isEmpty());
        ResponseEncoder.Framing framing = ResponseEncoder.Framing.LENGTH;
        if (response.status() == 204 || response.status() == 304) {
            framing = ResponseEncoder.Framing.NONE;
        } else if (stream != null) {
            framing = exchange.http10 ? ResponseEncoder.Framing.CLOSE : ResponseEncoder.Framing.CHUNKED;
            last |= exchange.http10;
        } else {
            // The rest of a body that nobody waited for is not read.
            last |= !exchange.received;
        }
        ResponseEncoder.head(out(), response, framing, exchange, last);
        boolean bodiless = exchange.head || framing == ResponseEncoder.Framing.NONE;
        if (stream != null && !bodiless) {
            sending = stream;
            sendingFraming = framing;
            sendingThenClose = last;
            pump();
            return;
        }
        if (stream != null) {
            stream.close();
        } else if (!bodiless) {
            writeBody(response.body());
        }
        finish(last);
    }

    private void writeBody(byte[] body) {
        if (body.length <= COPIED_BODY_BYTES) {
            out().writeBytes(body);
            if (out.readableBytes() >= FULL_OUT_BYTES) {
                writeOut();
            }
        } else {
            writeOut();
            write(Unpooled.wrappedBuffer(body));
        }
    }

    /** The answer at the front has been written. */
    private void finish(boolean last) {
        Exchange exchange = open.poll();
        boolean unread = !exchange.received;
        if (unread && exchange.streamed != null) {
            exchange.streamed.close();
        }
        if (last || unread) {
            end(unread || closing);
        } else {
            sendContinue();
        }
    }

    /** Sends the body at the front piece by piece, for as long as the client takes it. */
    private void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        try {
            while (sending != null && !ended && hasRoom()) {
                CompletableFuture<Optional<byte[]>> next = next(sending);
                if (!next.isDone()) {
                    ChunkSource source = sending;
                    // It may have come by now, and then is taken within this call.
                    pumping = false;
                    next.whenComplete((chunk, fault) -> later(() -> arrived(source, next)));
                    flushSoon();
                    return;
                }
                if (!chunk(next)) {
                    return;
                }
            }
        } finally {
            pumping = false;
        }
    }

    private static CompletableFuture<Optional<byte[]>> next(ChunkSource source) {
        try {
            return source.next();
        } catch (RuntimeException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void arrived(ChunkSource source, CompletableFuture<Optional<byte[]>> chunk) {
        if (sending != source || ended) {
            return;
        }
        if (chunk(chunk)) {
            pump();
        }
        sendAnswers();
        flushSoon();
        admit();
    }

    /** Writes a piece; returns false at the end of the body. */
    private boolean chunk(CompletableFuture<Optional<byte[]>> arrived) {
        Optional<byte[]> chunk;
        try {
            chunk = arrived.join();
        } catch (CompletionException | CancellationException e) {
            log.atDebug().setCause(e).log("an answer broke off");
            // Without the last chunk, so that the client sees it.
            abort();
            return false;
        }
        if (chunk.isEmpty()) {
            endOfStream(sendingThenClose);
            return false;
        }
        byte[] bytes = chunk.get();
        if (bytes.length == 0) {
            return true;
        }
        if (sendingFraming == ResponseEncoder.Framing.CHUNKED) {
            ByteBufUtil.writeAscii(out(), Integer.toHexString(bytes.length));
            out.writeBytes(ResponseEncoder.LINE_END);
            writeBody(bytes);
            out().writeBytes(ResponseEncoder.LINE_END);
        } else {
            writeBody(bytes);
        }
        if (out != null && out.readableBytes() >= FULL_OUT_BYTES) {
            writeOut();
        }
        return true;
    }

    private void endOfStream(boolean last) {
        if (sendingFraming == ResponseEncoder.Framing.CHUNKED) {
            out().writeBytes(ResponseEncoder.LAST_CHUNK);
        }
        ChunkSource source = sending;
        sending = null;
        source.close();
        finish(last);
    }

    private ByteBuf out() {
        if (out == null) {
            out = context.alloc().ioBuffer(FIRST_OUT_BYTES);
        }
        return out;
    }

    private void writeOut() {
        if (out != null) {
            ByteBuf full = out;
            out = null;
            write(full);
        }
    }

    private void write(ByteBuf buffer) {
        written += buffer.readableBytes();
        context.write(buffer, context.voidPromise());
        flushDue = true;
    }

    private void flush() {
        writeOut();
        if (flushDue) {
            flushDue = false;
            context.flush();
            countUnsent();
        }
    }

    /** Flushes when what this event loop is about to do for this connection is done. */
    private void flushSoon() {
        if (!flushing && (out != null || flushDue)) {
            flushing = true;
            context.executor().execute(() -> {
                flushing = false;
                flush();
            });
        }
    }

    private long pending() {
        ChannelOutboundBuffer buffer = context.channel().unsafe().outboundBuffer();
        return buffer == null ? 0 : buffer.totalPendingWriteBytes();
    }

    private void countUnsent() {
        long now = pending();
        if (now == unsentHere) {
            return;
        }
        long more = now - unsentHere;
        unsentHere = now;
        unsent.add(more);
        if (more > 0 && unsent.areTooMany()) {
            slow("too much waits for clients, and this one lets more wait");
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        if (ended) {
            return;
        }
        countUnsent();
        pump();
        sendAnswers();
        flushSoon();
        admit();
    }

    // ---- the end -----------------------------------------------------------------------------------------------

    /** Closes idle and slow connections. */
    private void look() {
        if (ended) {
            return;
        }
        long now = System.nanoTime();
        countUnsent();
        if (isStuck(now)) {
            slow("the client does not take its answers");
        } else if (!context.channel().config().isAutoRead()) {
            decoder.restartTime(now);
            bodySince = now;
        } else if (receiving != null) {
            if (bodyBytes >= PROGRESS_BYTES) {
                bodyBytes = 0;
                bodySince = now;
            } else if (now - bodySince > options.bodyTimeout().toNanos()) {
                events.slowConnectionEnded();
                refuse(Problem.of(408, "The body did not come in time"));
                flush();
            }
        } else if (decoder.nanosInRequest(now) > options.headerTimeout().toNanos()) {
            slow("the request did not come in time");
        } else if (open.isEmpty() && now - lastActivity > options.idleTimeout().toNanos()) {
            abort();
        }
        // An answer that took its time is no idleness of the client.
        if (!open.isEmpty()) {
            lastActivity = now;
        }
    }

    private boolean isStuck(long now) {
        long waits = pending();
        if (waits == 0 || written - waits >= taken + PROGRESS_BYTES) {
            taken = written - waits;
            takeSince = now;
            return false;
        }
        return now - takeSince > options.bodyTimeout().toNanos();
    }

    private void slow(String why) {
        events.slowConnectionEnded();
        log.atDebug().addKeyValue("remote", context.channel().remoteAddress()).log("connection closed: {}", why);
        abort();
    }

    private void abort() {
        ended = true;
        context.close();
    }

    /**
     * Sends what is written, then closes.
     *
     * @param unread the client may still be sending: to close a socket that has unread input resets it, and the client may lose what
     *     was sent. So what comes is thrown away until it closes too, for a second at most.
     */
    private void end(boolean unread) {
        closing = true;
        ended = true;
        writeOut();
        releaseWaiting();
        Channel channel = context.channel();
        channel.config().setAutoRead(true);
        if (unread && !secure && channel instanceof DuplexChannel duplex) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(sent -> {
                if (sent.isSuccess()) {
                    duplex.shutdownOutput();
                    channel.eventLoop().schedule(() -> channel.close(), LINGER_MILLIS, TimeUnit.MILLISECONDS);
                } else {
                    channel.close();
                }
            });
            return;
        }
        context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event != GOING_AWAY || ended) {
            return;
        }
        goingAway = true;
        if (open.isEmpty()) {
            end(false);
        } else if (sending != null && sending.isEndless()) {
            endOfStream(true);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        ended = true;
        closing = true;
        if (looking != null) {
            looking.cancel(false);
        }
        unsent.add(-unsentHere);
        unsentHere = 0;
        releaseWaiting();
        if (out != null) {
            out.release();
            out = null;
        }
        for (Exchange exchange : open) {
            if (exchange.streamed != null && !exchange.received) {
                exchange.streamed.fail(new BodyException(400, "the client went away within its request"));
            }
            if (exchange.response != null) {
                discard(exchange.response);
            }
        }
        open.clear();
        sending = null;
        receiving = null;
    }

    private static void discard(WebResponse response) {
        response.stream().ifPresent(ChunkSource::close);
    }

    private void releaseWaiting() {
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        log.atDebug()
                .addKeyValue("remote", context.channel().remoteAddress())
                .setCause(cause)
                .log("connection closed after a fault");
        abort();
    }
}
