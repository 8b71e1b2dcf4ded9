/** The node's log as others read it: its checkpoints, signed and kept, its tiles and its proofs. */
package org.waymark.node.log;
