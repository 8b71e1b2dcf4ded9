package org.waymark.node.reports;

import java.nio.charset.StandardCharsets;

/**
 * Estimates how many different texts were added, in 2 KiB (Flajolet, Fusy, Gandouet, Meunier: HyperLogLog). The standard error is
 * 2.3 %; small numbers are counted linearly and are closer. For use by one thread at a time.
 */
final class HyperLogLog {

    private static final int BITS = 11;
    private static final int REGISTERS = 1 << BITS;
    private static final double ALPHA = 0.7213 / (1 + 1.079 / REGISTERS);
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private final byte[] registers;

    HyperLogLog() {
        this(new byte[REGISTERS]);
    }

    /**
     * @param registers as {@link #registers()} gave them
     */
    HyperLogLog(byte[] registers) {
        if (registers.length != REGISTERS) {
            throw new IllegalArgumentException("a sketch has " + REGISTERS + " bytes, not " + registers.length);
        }
        this.registers = registers.clone();
    }

    void add(String text) {
        long hash = hash(text);
        int register = (int) (hash >>> Long.SIZE - BITS);
        byte rank = (byte) (Long.numberOfLeadingZeros(hash << BITS | 1L << BITS - 1) + 1);
        registers[register] = (byte) Math.max(registers[register], rank);
    }

    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ octet & 0xFF) * FNV_PRIME;
        }
        hash = (hash ^ hash >>> 33) * 0xFF51AFD7ED558CCDL;
        hash = (hash ^ hash >>> 33) * 0xC4CEB9FE1A85EC53L;
        return hash ^ hash >>> 33;
    }

    /** These and those that were added to another one. */
    void addAll(HyperLogLog other) {
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = (byte) Math.max(registers[i], other.registers[i]);
        }
    }

    long estimate() {
        double sum = 0;
        int empty = 0;
        for (byte rank : registers) {
            sum += Math.scalb(1.0, -rank);
            empty += rank == 0 ? 1 : 0;
        }
        double estimate = ALPHA * REGISTERS * REGISTERS / sum;
        if (estimate <= 2.5 * REGISTERS && empty > 0) {
            estimate = REGISTERS * Math.log((double) REGISTERS / empty);
        }
        return Math.round(estimate);
    }

    byte[] registers() {
        return registers.clone();
    }
}
