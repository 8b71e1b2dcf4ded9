package org.waymark.client;

/**
 * What a scan gives out.
 *
 * @param withHistory all versions of each record, in ascending order, not the current one alone
 * @param pageVersions at most so many versions are asked for at a time: 1 to 1,000. Memory holds two pages, each of 1 MiB at most
 */
public record ScanOptions(boolean withHistory, int pageVersions) {

    private static final int MOST = 1_000;

    /** The current records. */
    public static final ScanOptions CURRENT = new ScanOptions(false, MOST);

    /** All versions. */
    public static final ScanOptions HISTORY = new ScanOptions(true, MOST);

    public ScanOptions {
        if (pageVersions < 1 || pageVersions > MOST) {
            throw new IllegalArgumentException("pageVersions must be 1 to " + MOST + ", not " + pageVersions);
        }
    }
}
