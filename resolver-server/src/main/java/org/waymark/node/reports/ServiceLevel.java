package org.waymark.node.reports;

/**
 * How well the node served in a day or a month.
 *
 * @param answered look-ups that were answered
 * @param failed those of them that were answered with ERROR or BUSY
 * @param readyMillis how long the node was up and ready
 * @param elapsedMillis how long it should have been
 */
public record ServiceLevel(long answered, long failed, long readyMillis, long elapsedMillis) {

    /** Share of answers that were neither ERROR nor BUSY; 1 where nothing was asked. */
    public double answers() {
        return answered == 0 ? 1 : 1 - (double) failed / answered;
    }

    /** Share of the time that the node was up and ready; 1 at its very beginning. */
    public double availability() {
        return elapsedMillis <= 0 ? 1 : Math.min(1, (double) readyMillis / elapsedMillis);
    }
}
