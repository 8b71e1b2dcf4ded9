package org.waymark.node.endpoint.handle;

import java.util.List;

/** What an administrator wants to be done with a record. Immutable. */
sealed interface Edit {

    /** About so much memory is held by it. */
    default long bytes() {
        List<EditedValue> values = this instanceof Create create
                ? create.values()
                : this instanceof AddValues added
                        ? added.values()
                        : this instanceof ModifyValues modified ? modified.values() : List.of();
        return values.stream()
                .mapToLong(value ->
                        OBJECT_BYTES + value.type().length() + value.data().size())
                .sum();
    }

    /** Of a value, besides what it holds. */
    int OBJECT_BYTES = 128;

    /**
     * Make a record of these values.
     *
     * @param overwrites a record that is there is replaced
     */
    record Create(List<EditedValue> values, boolean overwrites) implements Edit {
        public Create {
            values = List.copyOf(values);
        }
    }

    /** Make the record one that is no longer valid. */
    record Delete() implements Edit {}

    /** Add values, none of which may be there. */
    record AddValues(List<EditedValue> values) implements Edit {
        public AddValues {
            values = List.copyOf(values);
        }
    }

    /** Put values in the place of those with their indexes, all of which have to be there. */
    record ModifyValues(List<EditedValue> values) implements Edit {
        public ModifyValues {
            values = List.copyOf(values);
        }
    }

    /** Take away the values with these indexes (unsigned), all of which have to be there. */
    record RemoveValues(List<Long> indexes) implements Edit {
        public RemoveValues {
            indexes = List.copyOf(indexes);
        }
    }
}
