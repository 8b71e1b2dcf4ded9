package org.waymark.client.cli;

import java.io.PrintWriter;
import java.util.Locale;
import java.util.stream.Collectors;
import org.waymark.client.Hop;
import org.waymark.trust.PrefixRecord;
import org.waymark.v1.NodeAddress;

/** The steps of a resolution through the tree. */
final class TraceView {

    private TraceView() {}

    static void print(Hop hop, PrintWriter out) {
        String whose = hop.prefix().map(prefix -> "node of " + prefix).orElse("node asked first");
        String answer =
                hop.outcome().map(outcome -> outcome.name().replace('_', ' ')).orElse("NO ANSWER");
        String node = hop.node().isEmpty() ? "" : "  " + TextTable.printable(hop.node());
        double millis = hop.timeTaken().toNanos() / 1e6;
        out.println(
                hop.number() + "  " + whose + node + "  " + answer + String.format(Locale.ROOT, " in %.1f ms", millis));
        hop.referral().ifPresent(prefix -> referral(prefix, out));
        hop.failure()
                .ifPresent(failure -> out.println("     ; " + TextTable.printable(WaymarkCommand.message(failure))));
        out.flush();
    }

    private static void referral(PrefixRecord prefix, PrintWriter out) {
        out.println("     ; " + prefix.prefix() + " "
                + TextTable.printable(prefix.description().getName()) + ", version "
                + prefix.record().version() + ", epoch " + prefix.epoch() + ", signed by " + prefix.owner());
        out.println("     ; served at "
                + prefix.addresses().stream().map(TraceView::address).collect(Collectors.joining(", ")));
    }

    private static String address(NodeAddress address) {
        String face = address.getFace().equals("waymark") ? "" : TextTable.printable(address.getFace()) + "=";
        String host = TextTable.printable(address.getHost());
        return face + (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
                + Integer.toUnsignedString(address.getPort()) + " (priority "
                + Integer.toUnsignedString(address.getPriority()) + ")";
    }
}
