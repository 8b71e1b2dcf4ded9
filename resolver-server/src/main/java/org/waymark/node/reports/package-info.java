/**
 * What a node reports upward: figures of each day, for the node and for each enterprise, which survive a restart, and fault events
 * with numbers. {@link org.waymark.node.reports.Figures} gathers them, {@link org.waymark.node.reports.FigureStore} keeps them in
 * files, {@link org.waymark.node.reports.Report} reads them.
 *
 * <p>A node that is killed loses at most the last minute, but for registrations: those are counted from the registry's change feed, and
 * none is lost.
 */
package org.waymark.node.reports;
