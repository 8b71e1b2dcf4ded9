package org.waymark.node.reports;

/**
 * Something was wrong for a time. Immutable.
 *
 * @param number unique for the node and for ever, such as {@code 88.118-20261124-0003}
 * @param at when it began, in UTC epoch milliseconds
 * @param kind 1 network, 2 system, 3 attack, 4 other
 * @param cause for people
 * @param recoveredAt when it was over; 0: it is not
 */
public record Fault(String number, long at, int kind, String cause, long recoveredAt) {

    Fault recovered(long when) {
        return new Fault(number, at, kind, cause, when);
    }
}
