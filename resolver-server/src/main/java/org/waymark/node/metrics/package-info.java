/** What operators watch. */
package org.waymark.node.metrics;
