package org.waymark.identifier;

/** What the values of the application identifiers that qualify a {@link Gs1Key} are made of. */
enum Gs1Qualifier {
    LOT("10", 20),
    SERIAL("21", 20),
    CONSUMER_PRODUCT_VARIANT("22", 20),
    THIRD_PARTY_SERIAL("235", 28),
    GLN_EXTENSION("254", 20),
    /** A unique identification code, two extensions and the importer's index. */
    IMPORTER("7040", 4),
    CPID_SERIAL("8011", 12),
    SERVICE_INSTANCE("8019", 10),
    PAYMENT_REFERENCE("8020", 25);

    private final String ai;
    private final int most;

    Gs1Qualifier(String ai, int most) {
        this.ai = ai;
        this.most = most;
    }

    /** Checks the value of a qualifier. */
    static String read(String text, Gs1Element element) {
        for (Gs1Qualifier qualifier : values()) {
            if (qualifier.ai.equals(element.ai())) {
                return qualifier.read(text, element.value());
            }
        }
        throw new AssertionError("(" + element.ai() + ") qualifies a key, so it is known");
    }

    private String read(String text, Gs1Value value) {
        if (value.length() == 0) {
            throw new InvalidIdentifierException(text, value.position(0), "empty value", rule());
        }
        if (value.length() > most) {
            throw new InvalidIdentifierException(text, value.position(most), "value too long", rule());
        }
        String characters = value.characters();
        for (int at = 0; at < characters.length(); at++) {
            if (!isRight(characters, at)) {
                throw TextRules.unexpected(text, value.position(at), rule());
            }
        }
        if (this == IMPORTER && characters.length() < most) {
            throw new InvalidIdentifierException(text, value.position(characters.length()), "value too short", rule());
        }
        return characters;
    }

    private boolean isRight(String characters, int at) {
        char c = characters.charAt(at);
        return switch (this) {
            case SERVICE_INSTANCE -> TextRules.isDigit(c);
            case CPID_SERIAL -> TextRules.isDigit(c) && (at > 0 || c != '0');
            case IMPORTER ->
                switch (at) {
                    case 0 -> TextRules.isDigit(c);
                    case 3 -> TextRules.isLetterOrDigit(c) || c == '-' || c == '_';
                    default -> Gs1Value.isOfSet82(c);
                };
            default -> Gs1Value.isOfSet82(c);
        };
    }

    private String rule() {
        return switch (this) {
            case SERVICE_INSTANCE -> "the value of (8019) has 1 to 10 digits";
            case CPID_SERIAL -> "the value of (8011) has 1 to 12 digits, the first of them not 0";
            case IMPORTER ->
                "the value of (7040) has a digit, two extension characters, and an importer index of a letter, a digit,"
                        + " '-' or '_'";
            default -> "the value of (" + ai + ") has 1 to " + most + " characters";
        };
    }
}
