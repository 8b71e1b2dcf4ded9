package org.waymark.node.endpoint.handle;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.node.endpoint.handle.HandleRequest.Task;
import org.waymark.node.metrics.ConnectionMetrics;
import org.waymark.node.resolve.Answer;
import org.waymark.node.resolve.BranchAwayException;
import org.waymark.node.resolve.BusyException;
import org.waymark.node.resolve.Query;
import org.waymark.node.resolve.Resolver;
import org.waymark.node.resolve.Selection;
import org.waymark.node.resolve.StoredAnswer;
import org.waymark.node.resolve.UnavailableException;
import org.waymark.record.RecordKey;
import org.waymark.v1.AnswerDetail;
import org.waymark.v1.Outcome;
import org.waymark.wire.AnswerSource;

/** Carries requests out: puts look-ups to the chain, and writes, and where asked certifies, what comes back. Safe for use by many threads. */
final class Requests {

    private static final Logger log = LoggerFactory.getLogger(Requests.class);

    private static final int USUAL_BYTES = 1_024;
    private static final String BUSY = "over a limit for now; try again after a while";

    private final Resolver resolver;
    private final AnswerWriter writer;
    private final Certifier certifier;
    private final Administration administration;

    /**
     * @param administration null where the node has no key to sign with on behalf of registrants: it changes no records then
     * @param certifier null where the node has no key to certify with: answers go out unsigned then
     */
    Requests(Resolver resolver, AnswerWriter writer, Certifier certifier, Administration administration) {
        this.resolver = resolver;
        this.writer = writer;
        this.certifier = certifier;
        this.administration = administration;
    }

    /** Takes a whole message, which it has to release. Called on the channel's event loop. */
    @FunctionalInterface
    interface Reply {
        void take(ByteBuf message);
    }

    /**
     * Starts a request; its answer comes now or later, and exactly one. To be called on the channel's event loop.
     *
     * @param metrics counts the answer
     */
    void start(HandleRequest request, Channel channel, ConnectionMetrics metrics, Reply reply) {
        long since = System.nanoTime();
        if (request.refusal() != null) {
            metrics.malformed();
            refuse(request, request.refusal().code(), request.refusal().message(), channel, reply);
        } else if (request.opCode() == OpCode.SITE_INFO) {
            ByteBuf out = room(channel);
            writer.siteInfo(out, request);
            certify(request, out, channel, reply);
        } else if (request.task() != null) {
            administer(request, channel, metrics, reply, since);
        } else {
            resolve(request, channel, metrics, reply, since);
        }
    }

    /** Only over TCP, where a client has to be at its address. */
    private void administer(
            HandleRequest request, Channel channel, ConnectionMetrics metrics, Reply reply, long since) {
        if (administration == null) {
            refuse(
                    request,
                    ResponseCode.NOT_SUPPORTED,
                    "this node changes no records by this protocol",
                    channel,
                    reply);
            return;
        }
        InetAddress client = client(channel);
        if (client == null) {
            refuse(request, ResponseCode.NOT_SUPPORTED, "records are changed over TCP, not over UDP", channel, reply);
            return;
        }
        CompletableFuture<Administration.Result> future = request.task() instanceof Task.Change change
                ? administration.challenge(request, change, client)
                : administration.answer(request, (Task.ChallengeAnswer) request.task(), client);
        future.whenComplete((result, fault) -> channel.eventLoop().execute(() -> {
            ByteBuf out = room(channel);
            if (fault != null) {
                StoredAnswer instead = unanswered(cause(fault), channel).content();
                writer.answer(out, request, instead);
            } else {
                writer.administration(out, request, result);
            }
            if (result instanceof Administration.Result.Done done) {
                metrics.registered(done.code());
                metrics.registrationTook(System.nanoTime() - since, 1);
            }
            certify(request, out, channel, reply);
        }));
    }

    private static Throwable cause(Throwable fault) {
        return fault instanceof CompletionException && fault.getCause() != null ? fault.getCause() : fault;
    }

    private static ByteBuf room(Channel channel) {
        return channel.alloc().ioBuffer(USUAL_BYTES);
    }

    private void refuse(HandleRequest request, ResponseCode code, String message, Channel channel, Reply reply) {
        ByteBuf out = room(channel);
        writer.error(out, request, code, message);
        certify(request, out, channel, reply);
    }

    private void resolve(HandleRequest request, Channel channel, ConnectionMetrics metrics, Reply reply, long since) {
        CompletableFuture<Answer> future;
        try {
            RecordKey key = HandleNames.key(request.handle());
            Query query = new Query(key, Selection.ALL, request.has(OpFlags.AUTHORITATIVE));
            future = resolver.resolve(request.has(OpFlags.RECURSIVE) ? query.onBehalfOf(client(channel)) : query);
        } catch (IllegalArgumentException e) {
            future = CompletableFuture.completedFuture(detail(Outcome.INVALID_IDENTIFIER, e.getMessage()));
        } catch (RuntimeException e) {
            future = CompletableFuture.failedFuture(e);
        }
        if (future.isDone()) {
            settle(request, future, channel, metrics, reply, since);
        } else {
            CompletableFuture<Answer> pending = future;
            pending.whenComplete((answer, fault) ->
                    channel.eventLoop().execute(() -> settle(request, pending, channel, metrics, reply, since)));
        }
    }

    /** Null over UDP: other nodes are asked only for who is at its address. */
    private static InetAddress client(Channel channel) {
        return channel.remoteAddress() instanceof InetSocketAddress remote ? remote.getAddress() : null;
    }

    private void settle(
            HandleRequest request,
            CompletableFuture<Answer> done,
            Channel channel,
            ConnectionMetrics metrics,
            Reply reply,
            long since) {
        Answer answer;
        try {
            answer = done.join();
        } catch (CompletionException | CancellationException e) {
            answer = unanswered(cause(e), channel);
        }
        StoredAnswer content = answer.content();
        ByteBuf out = room(channel);
        writer.answer(out, request, content);
        metrics.answered(
                content.outcome(), answer.source(), answer.stale(), content.owner(), System.nanoTime() - since);
        certify(request, out, channel, reply);
    }

    private static Answer unanswered(Throwable fault, Channel channel) {
        if (fault instanceof BusyException || fault instanceof RejectedExecutionException) {
            return detail(Outcome.BUSY, BUSY);
        }
        if (fault instanceof BranchAwayException) {
            return detail(Outcome.ERROR, fault.getMessage());
        }
        if (fault instanceof UnavailableException) {
            return detail(Outcome.ERROR, "the registry is away for now; try again after a while");
        }
        log.atWarn()
                .addKeyValue("remote", channel.remoteAddress())
                .setCause(fault)
                .log("a request failed inside the node");
        return detail(Outcome.ERROR, "the node failed at this; its log says more");
    }

    private static Answer detail(Outcome outcome, String message) {
        byte[] payload = AnswerDetail.newBuilder().setMessage(message).build().toByteArray();
        return Answer.of(new StoredAnswer(outcome, payload, 0, 0, null), AnswerSource.NONE);
    }

    private void certify(HandleRequest request, ByteBuf message, Channel channel, Reply reply) {
        if (certifier == null || !request.has(OpFlags.CERTIFY)) {
            reply.take(message);
            return;
        }
        certifier
                .certify(message)
                .whenComplete((certified, fault) -> channel.eventLoop().execute(() -> {
                    if (fault == null) {
                        reply.take(certified);
                    } else {
                        ByteBuf out = room(channel);
                        writer.error(out, request, ResponseCode.BUSY, BUSY);
                        reply.take(out);
                    }
                }));
    }
}
