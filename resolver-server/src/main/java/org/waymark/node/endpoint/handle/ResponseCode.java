package org.waymark.node.endpoint.handle;

/** What an answer says about its request; the numbers are those of the protocol. */
enum ResponseCode {
    SUCCESS(1),
    ERROR(2),
    BUSY(3),
    PROTOCOL_ERROR(4),
    NOT_SUPPORTED(5),
    RECURSION_LIMIT(6),
    NOT_FOUND(100),
    EXISTS_ALREADY(101),
    INVALID_IDENTIFIER(102),
    VALUES_NOT_FOUND(200),
    VALUE_EXISTS_ALREADY(201),
    INVALID_VALUE(202),
    NOT_RESPONSIBLE(301),
    SERVICE_REFERRAL(302),
    PREFIX_REFERRAL(303),
    INVALID_ADMINISTRATOR(400),
    ACCESS_DENIED(401),
    AUTHENTICATION_NEEDED(402),
    AUTHENTICATION_FAILED(403),
    AUTHENTICATION_TIMEOUT(405),
    UNABLE_TO_AUTHENTICATE(406);

    private final int number;

    ResponseCode(int number) {
        this.number = number;
    }

    int number() {
        return number;
    }
}
