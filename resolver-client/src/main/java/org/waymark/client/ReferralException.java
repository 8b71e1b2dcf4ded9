package org.waymark.client;

import org.waymark.identifier.Prefix;

/**
 * A referral led nowhere: the node that it names can't be reached or does not answer in time, says that it is not responsible, or
 * refers to a prefix that is not longer than its own. The message names the hop; the cause, where there is one, says what failed.
 */
public class ReferralException extends WaymarkException {

    private static final long serialVersionUID = 1L;

    private final transient Prefix prefix;

    ReferralException(Prefix prefix, String message, Throwable cause) {
        super(message, cause);
        this.prefix = prefix;
    }

    /** The prefix whose node was asked; null after the exception was serialised. */
    public Prefix prefix() {
        return prefix;
    }
}
