package org.waymark.node;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import org.slf4j.LoggerFactory;

/**
 * Sets up the log, in code since reading a file would take longer than all else at the start: to the standard error stream,
 * warnings only unless told otherwise, and the one line that says that the node has started. An operator who names a file in the
 * system property {@code logback.configurationFile} has that instead, and so have tests with a {@code logback-test.xml}. Logback
 * makes an instance of its own.
 */
public final class LogSetup extends ContextAwareBase implements Configurator {

    private static final String OWN_FILE = "logback.configurationFile";
    private static final String START_LOGGER = "org.waymark.node.Node";
    private static final String PATTERN = "%d{\"yyyy-MM-dd'T'HH:mm:ss.SSSXXX\", UTC} %-5level %logger{0} - %msg %kvp%n";

    /** Applies level and format to the whole process. Call it once, before work begins. */
    public static void apply(NodeConfig.Logging logging) {
        if (System.getProperty(OWN_FILE) == null) {
            LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
            context.reset();
            configure(context, Level.convertAnSLF4JLevel(logging.level()), logging.format());
        }
    }

    /** Called by logback when the first logger is asked for. */
    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(OWN_FILE) != null || LogSetup.class.getResource("/logback-test.xml") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        configure(context, Level.WARN, LogFormat.TEXT);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static void configure(LoggerContext context, Level level, LogFormat format) {
        ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(format == LogFormat.JSON ? json(context) : text(context));
        appender.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(level);
        root.addAppender(appender);
        // Warns at each start that it has two native transports to choose from.
        context.getLogger("io.lettuce.core.resource.Transports").setLevel(Level.ERROR);
        context.getLogger(START_LOGGER).setLevel(level.isGreaterOrEqual(Level.INFO) ? Level.INFO : level);
    }

    private static Encoder<ILoggingEvent> text(LoggerContext context) {
        PatternLayoutEncoder encoder = new PatternLayoutEncoder();
        encoder.setContext(context);
        encoder.setPattern(PATTERN);
        encoder.start();
        return encoder;
    }

    private static Encoder<ILoggingEvent> json(LoggerContext context) {
        JsonEncoder encoder = new JsonEncoder();
        encoder.setContext(context);
        encoder.setWithSequenceNumber(false);
        encoder.setWithNanoseconds(false);
        encoder.setWithContext(false);
        encoder.setWithMDC(false);
        encoder.setWithMessage(false);
        encoder.setWithArguments(false);
        encoder.setWithFormattedMessage(true);
        encoder.start();
        return encoder;
    }
}
