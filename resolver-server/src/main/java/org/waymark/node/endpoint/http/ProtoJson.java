package org.waymark.node.endpoint.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * The JSON mapping of protobuf, as far as Waymark's messages need it: no maps, no well-known types, no oneofs, no floating point. Fields
 * are in lowerCamelCase (the names of the .proto file are understood too), bytes are base64, 64-bit numbers texts, enums their names,
 * and fields with their default value are left out.
 */
final class ProtoJson {

    /** JSON that is not the message it should be. */
    static final class MalformedException extends Exception {

        private static final long serialVersionUID = 1L;

        private final String field;

        MalformedException(String field, String message) {
            super(message, null, false, false);
            this.field = field;
        }

        /** The field at fault, such as {@code proof.leaf}. */
        String field() {
            return field;
        }
    }

    private ProtoJson() {}

    static ObjectNode write(Message message) {
        ObjectNode object = JsonNodeFactory.instance.objectNode();
        message.getAllFields().forEach((field, value) -> {
            if (field.isRepeated()) {
                ArrayNode array = object.putArray(field.getJsonName());
                ((List<?>) value).forEach(element -> array.add(node(field, element)));
            } else {
                object.set(field.getJsonName(), node(field, value));
            }
        });
        return object;
    }

    private static JsonNode node(FieldDescriptor field, Object value) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        return switch (field.getType()) {
            case MESSAGE -> write((Message) value);
            case ENUM -> json.textNode(((EnumValueDescriptor) value).getName());
            case BYTES -> json.textNode(Base64.getEncoder().encodeToString(((ByteString) value).toByteArray()));
            case STRING -> json.textNode((String) value);
            case UINT64 -> json.textNode(Long.toUnsignedString((Long) value));
            case UINT32 -> json.numberNode(Integer.toUnsignedLong((Integer) value));
            case BOOL -> json.booleanNode((Boolean) value);
            default -> throw new IllegalArgumentException("no mapping of " + field.getFullName());
        };
    }

    /**
     * Fills a message.
     *
     * @param path of the message in what was sent, for complaints; empty at the top
     */
    static void read(JsonNode json, Message.Builder into, String path) throws MalformedException {
        if (!json.isObject()) {
            throw new MalformedException(path, "is not a JSON object");
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            String where = path.isEmpty() ? member.getKey() : path + "." + member.getKey();
            FieldDescriptor field = field(into, member.getKey());
            if (field == null) {
                throw new MalformedException(
                        where, "is no field of " + into.getDescriptorForType().getName());
            }
            JsonNode value = member.getValue();
            if (value.isNull()) {
                continue;
            }
            if (!field.isRepeated()) {
                into.setField(field, value(field, value, into, where));
            } else if (value.isArray()) {
                for (int i = 0; i < value.size(); i++) {
                    into.addRepeatedField(field, value(field, value.get(i), into, where + "[" + i + "]"));
                }
            } else {
                throw new MalformedException(where, "is not a JSON array");
            }
        }
    }

    private static FieldDescriptor field(Message.Builder message, String name) {
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            if (field.getJsonName().equals(name) || field.getName().equals(name)) {
                return field;
            }
        }
        return null;
    }

    private static Object value(FieldDescriptor field, JsonNode json, Message.Builder parent, String where)
            throws MalformedException {
        switch (field.getType()) {
            case MESSAGE -> {
                Message.Builder message = parent.newBuilderForField(field);
                read(json, message, where);
                return message.build();
            }
            case ENUM -> {
                EnumValueDescriptor value = field.getEnumType().findValueByName(json.asText());
                if (value == null) {
                    throw new MalformedException(
                            where, "is no " + field.getEnumType().getName());
                }
                return value;
            }
            case BYTES -> {
                return bytes(json, where);
            }
            case STRING -> {
                if (!json.isTextual()) {
                    throw new MalformedException(where, "is not a text");
                }
                return json.textValue();
            }
            case UINT32 -> {
                long number = number(json, where);
                if (number < 0 || number > 0xFFFF_FFFFL) {
                    throw new MalformedException(where, "is not a number from 0 to 4294967295");
                }
                return (int) number;
            }
            case UINT64 -> {
                return number(json, where);
            }
            default -> throw new IllegalArgumentException("no mapping of " + field.getFullName());
        }
    }

    private static long number(JsonNode json, String where) throws MalformedException {
        try {
            if (json.isTextual() || json.isIntegralNumber()) {
                return Long.parseUnsignedLong(json.asText());
            }
        } catch (NumberFormatException e) {
            throw new MalformedException(where, "is not a whole number from 0 to 18446744073709551615");
        }
        throw new MalformedException(where, "is not a whole number");
    }

    /** Base64 in either alphabet, with or without padding, as the mapping has it. */
    static ByteString bytes(JsonNode json, String where) throws MalformedException {
        if (!json.isTextual()) {
            throw new MalformedException(where, "is not base64");
        }
        String text = json.textValue();
        boolean forUrls = text.indexOf('-') >= 0 || text.indexOf('_') >= 0;
        try {
            return ByteString.copyFrom((forUrls ? Base64.getUrlDecoder() : Base64.getDecoder()).decode(text));
        } catch (IllegalArgumentException e) {
            throw new MalformedException(where, "is not base64: " + e.getMessage());
        }
    }
}
