/** The node: its configuration and its life. */
package org.waymark.node;
