/** The life cycle of a prefix: applications, decisions, states; see lifecycle.proto. */
package org.waymark.lifecycle;
