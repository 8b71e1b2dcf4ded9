package org.waymark.client.cli;

import org.waymark.v1.NodeAddress;

/** How the command line writes the address of a node: {@code [FACE=]HOST:PORT}. */
final class AddressText {

    private AddressText() {}

    /**
     * @throws UsageException if it is written in another way
     */
    static NodeAddress parse(String text) {
        int equals = text.indexOf('=');
        int colon = text.lastIndexOf(':');
        String face = equals < 0 ? "waymark" : text.substring(0, equals);
        try {
            return NodeAddress.newBuilder()
                    .setFace(face)
                    .setHost(text.substring(equals + 1, colon).replaceAll("^\\[|]$", ""))
                    .setPort(Integer.parseInt(text.substring(colon + 1)))
                    .build();
        } catch (IndexOutOfBoundsException | NumberFormatException e) {
            throw new UsageException("a node address is written [FACE=]HOST:PORT, not \"" + text + "\"");
        }
    }
}
