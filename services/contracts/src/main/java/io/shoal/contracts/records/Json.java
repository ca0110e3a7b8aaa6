package io.shoal.contracts.records;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.shoal.contracts.topics.Topic;
import java.io.IOException;
import java.util.stream.Collectors;

/**
 * The one way in which records become bytes and bytes become records. A field that is not known is ignored; a number or a
 * truth value that is missing makes a bad record, so a field that is added to a published version must be one that may be null.
 */
public final class Json {
    private static final ObjectMapper MAPPER = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_NUMBERS_FOR_ENUMS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .defaultPropertyInclusion(
                    JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.ALWAYS))
            .build();

    private Json() {}

    /** The bytes of {@code record}; more than {@link Topic#RECORD_BYTES} is our own failure. */
    public static byte[] write(Object record) {
        try {
            byte[] bytes = MAPPER.writeValueAsBytes(record);
            if (bytes.length > Topic.RECORD_BYTES) {
                throw new IllegalStateException(
                        record.getClass().getSimpleName() + " has " + bytes.length + " bytes, too many for Kafka");
            }
            return bytes;
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a record that JSON cannot say", e);
        }
    }

    /**
     * The record in {@code bytes}.
     *
     * @throws BadRecordException if they are too many, no JSON, or break a rule of {@code type}
     */
    public static <T> T read(byte[] bytes, Class<T> type) throws BadRecordException {
        if (bytes.length > Topic.RECORD_BYTES) {
            throw new BadRecordException("larger than " + Topic.RECORD_BYTES + " bytes", null);
        }
        try {
            T record = MAPPER.readValue(bytes, type);
            if (record == null) {
                throw new BadRecordException("no " + type.getSimpleName(), null);
            }
            return record;
        } catch (IOException e) {
            throw new BadRecordException("no " + type.getSimpleName() + ": " + problem(e), e);
        }
    }

    /** Where the record is wrong and which rule it breaks; never what stands there, which may be a secret. */
    private static String problem(IOException failure) {
        return switch (failure) {
            case JsonMappingException mapping -> {
                String path = mapping.getPath().stream()
                        .map(step -> step.getFieldName() == null ? "[" + step.getIndex() + "]" : step.getFieldName())
                        .collect(Collectors.joining("."));
                String rule = mapping.getCause() instanceof Require.BrokenRuleException broken
                        ? String.valueOf(broken.getMessage())
                        : mapping.getClass().getSimpleName();
                yield path.isEmpty() ? rule : "at " + path + ": " + rule;
            }
            case JsonProcessingException syntax
            when syntax.getLocation() != null ->
                "not JSON at byte " + syntax.getLocation().getByteOffset();
            case IOException other -> "not JSON, " + other.getClass().getSimpleName();
        };
    }
}
