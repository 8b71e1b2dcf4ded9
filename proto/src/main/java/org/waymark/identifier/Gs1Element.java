package org.waymark.identifier;

/**
 * An application identifier with its value.
 *
 * @param position where the application identifier stands in the user's text
 */
record Gs1Element(String ai, int position, Gs1Value value) {}
