package org.waymark.bench.data;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Keys in the order in which they are asked for, drawn beforehand and repeated without end. Immutable. */
public final class KeySequence {

    private static final int DRAWN = 1 << 22;

    private final int[] keys;

    private KeySequence(int[] keys) {
        this.keys = keys;
    }

    /** Each key once, from 0 on. */
    public static KeySequence inOrder(int keyCount) {
        int[] keys = new int[keyCount];
        Arrays.setAll(keys, i -> i);
        return new KeySequence(keys);
    }

    /** Each key is as likely as any other. */
    public static KeySequence uniform(int keyCount, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        int[] keys = new int[DRAWN];
        Arrays.setAll(keys, i -> random.nextInt(keyCount));
        return new KeySequence(keys);
    }

    /** The key of rank r (from 1) is drawn with a probability proportional to 1 / r^exponent; ranks are given out at random. */
    public static KeySequence zipf(int keyCount, double exponent, long seed) {
        double[] cumulated = new double[keyCount];
        double sum = 0;
        for (int i = 0; i < keyCount; i++) {
            sum += Math.pow(i + 1.0, -exponent);
            cumulated[i] = sum;
        }
        SplittableRandom random = new SplittableRandom(seed);
        int[] keyOfRank = shuffled(keyCount, random);
        int[] keys = new int[DRAWN];
        for (int i = 0; i < DRAWN; i++) {
            int found = Arrays.binarySearch(cumulated, random.nextDouble() * sum);
            int rank = found >= 0 ? found : -found - 1;
            keys[i] = keyOfRank[Math.min(rank, keyCount - 1)];
        }
        return new KeySequence(keys);
    }

    private static int[] shuffled(int count, SplittableRandom random) {
        int[] numbers = new int[count];
        for (int i = 0; i < count; i++) {
            int other = random.nextInt(i + 1);
            numbers[i] = numbers[other];
            numbers[other] = i;
        }
        return numbers;
    }

    /** A reader of its own place in the sequence. */
    public Cursor from(int start) {
        return new Cursor(start % keys.length);
    }

    /** How many keys there are before they repeat. */
    public int length() {
        return keys.length;
    }

    /** Gives out one key after the other. Not safe for use by many threads. */
    public final class Cursor {

        private int at;

        private Cursor(int at) {
            this.at = at;
        }

        public int next() {
            int key = keys[at];
            at = at + 1 == keys.length ? 0 : at + 1;
            return key;
        }
    }
}
