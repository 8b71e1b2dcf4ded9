package org.waymark.node.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.waymark.node.endpoint.Transport;

class WebServerTest {

    private static final byte[] HELLO = "hello".getBytes(StandardCharsets.UTF_8);
    private static final Headers PLAIN = Headers.of("Content-Type", "text/plain");

    private final Transport transport = Transport.open(Transport.Kind.NIO, 2);
    private final BlockingQueue<CompletableFuture<WebResponse>> slow = new LinkedBlockingQueue<>();
    private final BlockingQueue<ChunkQueue> streams = new LinkedBlockingQueue<>();
    private final AtomicInteger started = new AtomicInteger();
    private final AtomicInteger closedStreams = new AtomicInteger();
    private WebServer server;

    @BeforeEach
    void start() throws IOException {
        start(WebOptions.defaults("127.0.0.1", 0));
    }

    private void start(WebOptions options) throws IOException {
        if (server != null) {
            server.stop(Duration.ZERO);
        }
        server = new WebServer(options, transport, routes(), WebEvents.NONE);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
        transport.close();
    }

    private Router routes() {
        return Router.builder()
                .get("/hello", request -> WebResponse.of(200, PLAIN, HELLO).now())
                .get(
                        "/echo/*",
                        request -> WebResponse.text(200, request.rest() + "|" + request.rawQuery())
                                .now())
                .get("/slow/*", request -> {
                    started.incrementAndGet();
                    CompletableFuture<WebResponse> answer = new CompletableFuture<>();
                    slow.add(answer);
                    return answer;
                })
                .get(
                        "/big",
                        request ->
                                WebResponse.of(200, PLAIN, new byte[1_000_000]).now())
                .get("/events", request -> {
                    ChunkQueue events = new ChunkQueue(1_000, true, closedStreams::incrementAndGet);
                    streams.add(events);
                    return WebResponse.streamed(200, PLAIN, events).now();
                })
                .get("/fault", request -> {
                    throw new IllegalStateException("a fault inside");
                })
                .post(
                        "/whole",
                        1_000,
                        request -> WebResponse.of(200, PLAIN, request.body()).now())
                .postStreamed(
                        "/streamed",
                        1_000_000,
                        request -> WebResponse.streamed(200, PLAIN, request.bodyStream())
                                .now())
                .build();
    }

    private RawClient connect() throws IOException {
        return new RawClient(server.address());
    }

    @Test
    void aConnectionIsKeptForTheNextRequest() throws IOException {
        try (RawClient client = connect()) {
            for (int i = 0; i < 3; i++) {
                client.get("/hello");
                RawClient.Reply reply = client.reply();
                assertThat(reply.status()).isEqualTo(200);
                assertThat(reply.text()).isEqualTo("hello");
                assertThat(reply.headers())
                        .containsKey("date")
                        .containsEntry("content-type", "text/plain")
                        .containsEntry("access-control-allow-origin", "*")
                        .doesNotContainKey("connection");
            }
        }
    }

    @Test
    void answersLeaveInTheOrderOfTheRequestsThoughTheLastIsReadyFirst() throws Exception {
        try (RawClient client = connect()) {
            client.get("/slow/1");
            client.get("/slow/2");
            client.get("/hello");
            CompletableFuture<WebResponse> first = slow.poll(10, TimeUnit.SECONDS);
            CompletableFuture<WebResponse> second = slow.poll(10, TimeUnit.SECONDS);
            second.complete(WebResponse.text(200, "second"));
            first.complete(WebResponse.text(200, "first"));
            assertThat(client.reply().text()).isEqualTo("first");
            assertThat(client.reply().text()).isEqualTo("second");
            assertThat(client.reply().text()).isEqualTo("hello");
        }
    }

    @Test
    void noMoreRequestsAreOpenThanMayBe() throws Exception {
        WebOptions defaults = WebOptions.defaults("127.0.0.1", 0);
        start(new WebOptions(
                "127.0.0.1",
                0,
                Optional.empty(),
                10,
                10,
                4,
                16_384,
                16_384,
                defaults.maxUnsentBytes(),
                defaults.headerTimeout(),
                defaults.bodyTimeout(),
                defaults.idleTimeout()));
        try (RawClient client = connect()) {
            for (int i = 0; i < 100; i++) {
                client.get("/slow/" + i);
            }
            for (int i = 0; i < 100; i++) {
                int answered = i;
                CompletableFuture<WebResponse> answer = slow.poll(10, TimeUnit.SECONDS);
                Awaitility.await().until(() -> started.get() >= Math.min(answered + 4, 100));
                assertThat(started.get()).isLessThanOrEqualTo(answered + 4);
                answer.complete(WebResponse.text(200, "answer " + i));
                assertThat(client.reply().text()).isEqualTo("answer " + i);
            }
        }
    }

    @Test
    void headHasTheLengthButNotTheBody() throws IOException {
        try (RawClient client = connect()) {
            client.send("HEAD /hello HTTP/1.1\r\nHost: node\r\n\r\n");
            assertThat(client.reply(false).headers()).containsEntry("content-length", "5");
            client.get("/hello");
            assertThat(client.reply().text()).isEqualTo("hello");
        }
    }

    @Test
    void anotherMethodIsRefusedWithThoseThatAreAllowed() throws IOException {
        try (RawClient client = connect()) {
            client.send("DELETE /hello HTTP/1.1\r\nHost: node\r\n\r\n");
            RawClient.Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(405);
            assertThat(reply.headers()).containsEntry("allow", "GET, HEAD, OPTIONS");
            client.send("OPTIONS /whole HTTP/1.1\r\nHost: node\r\nAccess-Control-Request-Method: POST\r\n\r\n");
            reply = client.reply(false);
            assertThat(reply.status()).isEqualTo(204);
            assertThat(reply.headers())
                    .containsEntry("allow", "OPTIONS, POST")
                    .containsEntry("access-control-allow-methods", "OPTIONS, POST")
                    .doesNotContainKey("content-length");
            client.get("/nowhere");
            assertThat(client.reply().status()).isEqualTo(404);
        }
    }

    @Test
    void whatFollowsTheFixedPartComesAsItWasSent() throws IOException {
        try (RawClient client = connect()) {
            client.get("/echo/a%2Fb//../c?x=1+1");
            assertThat(client.reply().text()).isEqualTo("a%2Fb//../c|x=1+1");
            client.send("GET http://other/echo/a?b HTTP/1.1\r\nHost: node\r\n\r\n");
            assertThat(client.reply().text()).isEqualTo("a|b");
        }
    }

    @Test
    void aFaultInAHandlerIsAnsweredWithoutItsSecrets() throws IOException {
        try (RawClient client = connect()) {
            client.get("/fault");
            RawClient.Reply reply = client.reply();
            assertThat(reply.status()).isEqualTo(500);
            assertThat(reply.headers()).containsEntry("content-type", "application/problem+json");
            assertThat(reply.text()).doesNotContain("a fault inside");
            client.get("/hello");
            assertThat(client.reply().status()).isEqualTo(200);
        }
    }

    @Test
    void aBodyIsGatheredUpToItsLimit() throws IOException {
        try (RawClient client = connect()) {
            client.send("POST /whole HTTP/1.1\r\nHost: node\r\nContent-Length: 4\r\n\r\nbody");
            assertThat(client.reply().text()).isEqualTo("body");
            client.send(
                    "POST /whole HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n2\r\ndy\r\n0\r\n\r\n");
            assertThat(client.reply().text()).isEqualTo("body");
            client.send("POST /whole HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n"
                    + "x".repeat(1_001));
            assertThat(client.reply().status()).isEqualTo(413);
            assertThat(client.isClosed()).isTrue();
        }
        try (RawClient client = connect()) {
            client.send("POST /whole HTTP/1.1\r\nHost: node\r\nContent-Length: 1001\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.reply().status()).isEqualTo(413);
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void aClientThatWaitsForItIsToldToSendItsBody() throws IOException {
        try (RawClient client = connect()) {
            client.send("POST /whole HTTP/1.1\r\nHost: node\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
            assertThat(client.reply(false).status()).isEqualTo(100);
            client.send("body");
            assertThat(client.reply().text()).isEqualTo("body");
        }
    }

    @Test
    void aBodyMayBeAnsweredWhileItComes() throws IOException {
        try (RawClient client = connect()) {
            client.send("POST /streamed HTTP/1.1\r\nHost: node\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertThat(client.reply(false).status()).isEqualTo(200);
            for (int i = 0; i < 5; i++) {
                client.send("5\r\nhello\r\n");
                assertThat(client.chunk()).isEqualTo(HELLO);
            }
            client.send("0\r\n\r\n");
            assertThat(client.chunk()).isEmpty();
            client.get("/hello");
            assertThat(client.reply().text()).isEqualTo("hello");
        }
    }

    @Test
    void eventsAreSentAsTheyComeAndTheirSourceIsClosedWithTheConnection() throws Exception {
        try (RawClient client = connect()) {
            client.get("/events");
            assertThat(client.reply(false).headers()).containsEntry("transfer-encoding", "chunked");
            ChunkQueue events = streams.poll(10, TimeUnit.SECONDS);
            for (int i = 0; i < 3; i++) {
                events.offer(HELLO);
                assertThat(client.chunk()).isEqualTo(HELLO);
            }
        }
        Awaitility.await().untilAsserted(() -> assertThat(closedStreams).hasValue(1));
    }

    @Test
    void aClientThatTakesNothingIsNotSentEverything() throws IOException {
        try (RawClient client = connect()) {
            for (int i = 0; i < 50; i++) {
                client.get("/big");
            }
            for (int i = 0; i < 50; i++) {
                assertThat(client.reply().body()).hasSize(1_000_000);
            }
        }
    }

    @Test
    void whatCouldBeReadInTwoWaysIsRefused() throws IOException {
        String[] requests = {
            "GET /hello HTTP/1.1\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nbody",
            "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
            "POST /whole HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
            "POST /whole HTTP/1.1\r\nHost: a\r\nContent-Length: +4\r\n\r\nbody",
            "GET /hello HTTP/1.1\r\nHost : a\r\n\r\n",
            "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n",
            "GET hello HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /h\u00e4llo HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /" + "x".repeat(17_000) + " HTTP/1.1\r\nHost: a\r\n\r\n",
            "GET /hello HTTP/1.1\r\nHost: a\r\nX: " + "x".repeat(17_000) + "\r\n\r\n",
        };
        for (String request : requests) {
            try (RawClient client = connect()) {
                client.send(request);
                RawClient.Reply reply = client.reply();
                assertThat(reply.status()).as(request).isGreaterThanOrEqualTo(400);
                assertThat(reply.headers()).containsEntry("connection", "close");
                assertThat(client.isClosed()).isTrue();
            }
        }
    }

    @Test
    void anOldClientIsAnsweredInItsOwnWay() throws IOException {
        try (RawClient client = connect()) {
            client.send("GET /hello HTTP/1.0\r\n\r\n");
            RawClient.Reply reply = client.reply();
            assertThat(reply.text()).isEqualTo("hello");
            assertThat(reply.headers()).containsEntry("connection", "close");
            assertThat(client.isClosed()).isTrue();
        }
    }

    @Test
    void aStoppedServerAnswersWhatItHas() throws Exception {
        try (RawClient busy = connect();
                RawClient idle = connect();
                RawClient listener = connect()) {
            idle.get("/hello");
            idle.reply();
            listener.get("/events");
            listener.reply(false);
            busy.get("/slow/1");
            CompletableFuture<WebResponse> answer = slow.poll(10, TimeUnit.SECONDS);
            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> server.stop(Duration.ofSeconds(20)));
            assertThat(idle.isClosed()).isTrue();
            assertThat(listener.chunk()).isEmpty();
            answer.complete(WebResponse.text(200, "late"));
            assertThat(busy.reply().text()).isEqualTo("late");
            assertThat(busy.isClosed()).isTrue();
            stopped.get(10, TimeUnit.SECONDS);
        }
    }
}
