package org.waymark.node;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.ContextInitializer;
import ch.qos.logback.core.joran.spi.JoranException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

class LogSetupTest {

    private final PrintStream before = System.err;
    private final ByteArrayOutputStream log = new ByteArrayOutputStream();

    private List<String> logged(Level level, LogFormat format, Runnable work) {
        System.setErr(new PrintStream(log, true, StandardCharsets.UTF_8));
        LogSetup.apply(new NodeConfig.Logging(level, format));
        work.run();
        return log.toString(StandardCharsets.UTF_8).lines().toList();
    }

    @AfterEach
    void restore() throws JoranException {
        System.setErr(before);
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        new ContextInitializer(context).autoConfig();
    }

    private static Logger logger(String name) {
        return LoggerFactory.getLogger(name);
    }

    @Test
    void itIsQuietButForWarningsAndTheStart() {
        List<String> lines = logged(Level.WARN, LogFormat.TEXT, () -> {
            logger("org.waymark.node.cache.Some").info("nobody asked");
            logger("io.netty.Some").debug("nobody asked");
            logger("io.lettuce.core.resource.Transports").warn("nobody asked");
            logger("org.waymark.node.Node").info("started");
            logger("org.waymark.node.Node").debug("nobody asked");
            logger("org.waymark.node.cache.Some")
                    .atWarn()
                    .addKeyValue("redis", "away")
                    .log("Redis is not trusted");
        });

        assertThat(lines).hasSize(2);
        assertThat(lines.get(0)).contains("INFO").endsWith("Node - started ");
        assertThat(lines.get(1)).contains("WARN").endsWith("Some - Redis is not trusted redis=\"away\"");
    }

    @Test
    void theLevelIsTheConfiguredOne() {
        assertThat(logged(Level.DEBUG, LogFormat.TEXT, () -> {
                    logger("a").debug("one");
                    logger("a").trace("two");
                    logger("org.waymark.node.Node").debug("three");
                }))
                .hasSize(2);
    }

    @Test
    void jsonIsOneObjectALine() throws IOException {
        List<String> lines = logged(
                Level.WARN,
                LogFormat.JSON,
                () -> logger("org.waymark.node.Some")
                        .atWarn()
                        .addKeyValue("remote", "127.0.0.1")
                        .setCause(new IllegalStateException("why"))
                        .log("a \"quoted\" {}", "thing"));

        assertThat(lines).hasSize(1);
        JsonNode event = new ObjectMapper().readTree(lines.get(0));
        assertThat(event.get("level").asText()).isEqualTo("WARN");
        assertThat(event.get("formattedMessage").asText()).isEqualTo("a \"quoted\" thing");
        assertThat(event.at("/kvpList/0/remote").asText()).isEqualTo("127.0.0.1");
        assertThat(event.at("/throwable/message").asText()).isEqualTo("why");
    }
}
