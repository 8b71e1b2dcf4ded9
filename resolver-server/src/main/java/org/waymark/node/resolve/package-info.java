/** The chain that every answer comes out of: its questions, its answers and its links. */
package org.waymark.node.resolve;
