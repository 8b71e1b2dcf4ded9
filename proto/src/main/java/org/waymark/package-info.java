/** What client and server of Waymark must agree on, to the byte. */
package org.waymark;
