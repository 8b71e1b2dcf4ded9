/**
 * The HTTP face: records by their identifiers for browsers and programs, registration, and a description of it all in OpenAPI. It
 * decides by {@code Accept} what a record looks like, and says with every answer how long it may be kept.
 */
package org.waymark.node.endpoint.http;
