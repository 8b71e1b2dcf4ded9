/** The command {@code waymark-node}. */
package org.waymark.node.cli;
