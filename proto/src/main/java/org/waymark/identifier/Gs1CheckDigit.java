package org.waymark.identifier;

/** The check digit of GS1 keys: modulo 10 with the weights 3 and 1, from the right (GS1 General Specifications, 7.9.1). */
final class Gs1CheckDigit {

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
}
