/** The wire: frames as resolver.proto lays them out, for Netty. */
package org.waymark.wire;
