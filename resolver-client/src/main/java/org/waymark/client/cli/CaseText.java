package org.waymark.client.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.waymark.identifier.InvalidIdentifierException;
import org.waymark.identifier.Prefix;
import org.waymark.identifier.Scheme;
import org.waymark.lifecycle.CaseNumber;
import org.waymark.lifecycle.LifeCycle;
import org.waymark.lifecycle.PrefixApplication;
import org.waymark.lifecycle.PrefixDecision;
import org.waymark.record.InvalidRecordException;
import org.waymark.trust.PartyKey;
import org.waymark.trust.TamperedRecordException;
import org.waymark.v1.CaseStep;
import org.waymark.v1.PrefixCase;
import org.waymark.v1.SignedStatement;

/**
 * Cases of prefixes as the commands show them: with the application where who asked may read it.
 *
 * <p>Its methods throw a {@link TamperedRecordException} where a case can't be read.
 */
public final class CaseText {

    private CaseText() {}

    /** The prefix that decides. */
    public static Prefix decider(PrefixCase whole) {
        return prefix(whole, whole.getUnder());
    }

    private static Prefix prefix(PrefixCase whole, String text) {
        try {
            return Prefix.of(Scheme.ofCode(whole.getSchemeValue()), text);
        } catch (InvalidIdentifierException e) {
            throw new TamperedRecordException("a case names a prefix that is none: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new TamperedRecordException("a case: " + e.getMessage());
        }
    }

    private static String number(PrefixCase whole) {
        try {
            return CaseNumber.of(whole.getNumber()).toString();
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException("a case: " + e.getMessage());
        }
    }

    private static Optional<PrefixApplication> application(PrefixCase whole) {
        if (whole.getApplication().isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(PrefixApplication.parse(SignedStatement.parseFrom(whole.getApplication())));
        } catch (InvalidProtocolBufferException e) {
            throw new TamperedRecordException("the application of a case can't be read");
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException("the application of a case: " + e.getMessage());
        }
    }

    private static PrefixDecision decision(CaseStep step) {
        try {
            return PrefixDecision.parse(SignedStatement.parseFrom(step.getDecision()));
        } catch (InvalidProtocolBufferException e) {
            throw new TamperedRecordException("a decision can't be read");
        } catch (InvalidRecordException e) {
            throw new TamperedRecordException("a decision: " + e.getMessage());
        }
    }

    private static String time(long millis) {
        return Instant.ofEpochMilli(millis).toString();
    }

    private static String shown(PrefixCase whole) {
        String under = decider(whole).text();
        return whole.getPrefix().isEmpty()
                ? "any prefix under " + under
                : prefix(whole, whole.getPrefix()).text() + ", under " + under;
    }

    /** A case and its steps. */
    public static List<String> lines(PrefixCase whole) {
        TextTable head = new TextTable("number", number(whole));
        head.row("prefix", shown(whole));
        head.row("state", LifeCycle.text(whole.getState()));
        head.row("opened", time(whole.getOpenedAt()));
        application(whole).ifPresent(application -> {
            head.row("name", TextTable.printable(application.description().getName()));
            head.row("code", application.description().getRegistration());
            head.row("contact", TextTable.printable(application.contact()));
            if (!application.description().getIndustry().isEmpty()) {
                head.row(
                        "industry",
                        TextTable.printable(application.description().getIndustry()));
            }
            application
                    .addresses()
                    .forEach(address -> head.row(
                            "own node",
                            TextTable.printable(address.getFace() + "=" + address.getHost()) + ":"
                                    + address.getPort()));
            if (application.addresses().isEmpty()) {
                head.row("own node", "none: hosted");
            }
            for (PartyKey key : application.keys()) {
                head.row("key", key.id() + "  " + key.roles());
            }
        });
        List<String> lines = new ArrayList<>(head.lines(""));
        if (whole.getStepsCount() > 0) {
            TextTable steps = new TextTable("STEP", "DECIDED", "WHAT", "BY KEY", "REASON");
            for (CaseStep step : whole.getStepsList()) {
                PrefixDecision decision = decision(step);
                steps.row(
                        Integer.toString(decision.step()),
                        time(decision.decidedAt()),
                        LifeCycle.text(decision.kind()),
                        decision.keyId().shortText(),
                        TextTable.printable(decision.reason()));
            }
            lines.addAll(steps.lines("  "));
        }
        return lines;
    }

    /** Many cases, one a line. */
    public static List<String> table(List<PrefixCase> cases) {
        TextTable table = new TextTable("STATE", "PREFIX", "SINCE", "NAME", "NUMBER");
        for (PrefixCase whole : cases) {
            table.row(
                    LifeCycle.text(whole.getState()),
                    shown(whole),
                    time(whole.getChangedAt()),
                    application(whole)
                            .map(application -> TextTable.printable(
                                    application.description().getName()))
                            .orElse("-"),
                    number(whole));
        }
        return table.lines("");
    }

    /** The same as {@link #lines}, for programs. */
    public static ObjectNode json(PrefixCase whole) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("number", number(whole));
        node.put("state", LifeCycle.text(whole.getState()));
        node.put("under", decider(whole).text());
        if (!whole.getPrefix().isEmpty()) {
            node.put("prefix", prefix(whole, whole.getPrefix()).text());
        }
        node.put("openedAt", time(whole.getOpenedAt()));
        node.put("changedAt", time(whole.getChangedAt()));
        application(whole).ifPresent(application -> {
            ObjectNode applied = node.putObject("application");
            applied.put("name", application.description().getName());
            applied.put("creditCode", application.description().getRegistration());
            applied.put("contact", application.contact());
            applied.put("industry", application.description().getIndustry());
            ArrayNode addresses = applied.putArray("addresses");
            application
                    .addresses()
                    .forEach(address ->
                            addresses.add(address.getFace() + "=" + address.getHost() + ":" + address.getPort()));
            ArrayNode keys = applied.putArray("keys");
            application.keys().forEach(key -> keys.add(key.id().toString()));
        });
        ArrayNode steps = node.putArray("steps");
        for (CaseStep step : whole.getStepsList()) {
            PrefixDecision decision = decision(step);
            ObjectNode one = steps.addObject();
            one.put("step", decision.step());
            one.put("decision", LifeCycle.text(decision.kind()));
            one.put("decidedAt", time(decision.decidedAt()));
            one.put("keyId", decision.keyId().toString());
            one.put("reason", decision.reason());
        }
        return node;
    }
}
