package org.waymark.identifier;

/**
 * The check digit of GS1 keys: modulo 10 with the weights 3 and 1, from the right (GS1 General Specifications, 7.9.1), and the pair
 * of check characters of a Global Model Number: modulo 1021 with the primes as weights (7.9.5).
 */
final class Gs1CheckDigit {

    /** How many check characters end a model number. */
    static final int PAIR = 2;

    private static final int PAIR_MODULUS = 1_021;
    private static final int[] PRIMES = {
        2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83
    };
    /** The set 82 in the order of its values. */
    private static final String VALUES =
            "!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

    private static final String PAIR_CHARACTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

    private Gs1CheckDigit() {}

    /** The check digit that follows these digits. */
    static char of(CharSequence digits) {
        int sum = 0;
        int weight = 3;
        for (int at = digits.length() - 1; at >= 0; at--) {
            sum += (digits.charAt(at) - '0') * weight;
            weight = 4 - weight;
        }
        return (char) ('0' + (10 - sum % 10) % 10);
    }

    /** The check characters that follow these at most 23 characters of the set 82. */
    static String pairOf(CharSequence model) {
        int sum = 0;
        for (int fromRight = 0; fromRight < model.length(); fromRight++) {
            sum += VALUES.indexOf(model.charAt(model.length() - 1 - fromRight)) * PRIMES[fromRight];
        }
        int check = sum % PAIR_MODULUS;
        return "" + PAIR_CHARACTERS.charAt(check >> 5) + PAIR_CHARACTERS.charAt(check & 31);
    }
}
