/** Trust: keys, signing and verifying, and the chain from an anchor down to a record. */
package org.waymark.trust;
