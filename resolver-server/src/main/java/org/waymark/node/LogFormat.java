package org.waymark.node;

/** How the node writes its log. */
public enum LogFormat {
    /** A line an event, for people. */
    TEXT,
    /** A JSON object an event. */
    JSON
}
