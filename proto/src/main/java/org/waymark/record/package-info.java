/** Records: their keys, values, digests and trees. Nothing here knows a signature algorithm. */
package org.waymark.record;
