package org.waymark.bench.measure;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * A comparison that was run: two contenders by turns.
 *
 * @param measured the two lists have the same length; those of one place ran one after the other
 */
public record Row(Question question, String name, List<Window> measured, String peerName, List<Window> peer) {

    /** What two contenders are compared by. */
    public enum Measure {
        PER_CPU_SECOND("per CPU-second", Window::perCpuSecond),
        PER_SECOND("per second", Window::perSecond);

        private final String words;
        private final ToDoubleFunction<Window> of;

        Measure(String words, ToDoubleFunction<Window> of) {
            this.words = words;
            this.of = of;
        }

        public String words() {
            return words;
        }

        public Series of(List<Window> windows) {
            return new Series(
                    windows.stream().map(window -> of.applyAsDouble(window)).toList());
        }
    }

    /** What a row asks. */
    public record Question(String name, Measure measure, Target target) {}

    /** Runs two contenders by turns. */
    public static Row run(Question question, Contender measured, Contender peer, int repeats) throws Exception {
        List<Window> windows = new ArrayList<>();
        List<Window> peerWindows = new ArrayList<>();
        for (int i = 0; i < repeats; i++) {
            windows.add(measured.run().measure());
            peerWindows.add(peer.run().measure());
        }
        return new Row(question, measured.name(), List.copyOf(windows), peer.name(), List.copyOf(peerWindows));
    }

    /** Measured through peer, one ratio for each turn. */
    public Series ratios() {
        List<Double> ours = question.measure().of(measured).values();
        List<Double> theirs = question.measure().of(peer).values();
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i) / theirs.get(i));
        }
        return new Series(ratios);
    }

    /** Processors that other work kept busy while this ran, on average. */
    public double backgroundCpus() {
        return Stream.concat(measured.stream(), peer.stream())
                .mapToDouble(Window::backgroundCpus)
                .average()
                .orElse(0);
    }

    /** What {@link Target#verdict} says of the median. */
    public String verdict() {
        return question.target().verdict(ratios().median());
    }
}
