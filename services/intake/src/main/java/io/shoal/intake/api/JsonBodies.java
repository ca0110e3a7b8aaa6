package io.shoal.intake.api;

import com.fasterxml.jackson.core.Base64Variant.PaddingReadBehaviour;
import com.fasterxml.jackson.core.Base64Variants;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StringDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.shoal.bittorrent.bencode.PagedBytes;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Reads bodies as JSON, strictly: no unknown field, no duplicate, no value of another type, and no text that UTF-8 or the
 * database cannot hold. Every refusal names the field and the rule.
 */
final class JsonBodies {
    /** What Jackson's message says about a second field of one name: no type of exception tells it. */
    private static final Pattern DUPLICATE = Pattern.compile("(?s)Duplicate field '(.*)'");

    private final JsonMapper json = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
            .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .defaultBase64Variant(
                    Base64Variants.MIME_NO_LINEFEEDS.withReadPadding(PaddingReadBehaviour.PADDING_ALLOWED))
            .withCoercionConfig(
                    LogicalType.Textual,
                    text -> text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                            .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
            .addModule(new SimpleModule().addDeserializer(String.class, new StorableText()))
            .build();

    JsonBodies() {
        json.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(16)
                        .maxStringLength(Submissions.JSON_BYTES)
                        .build());
    }

    /** Reads {@code body} as a value of {@code type}. */
    <T> T read(PagedBytes body, Class<T> type) {
        try {
            T value = json.readValue(body.stream(), type);
            if (value == null) {
                throw invalid("body", "must be an object");
            }
            return value;
        } catch (UnrecognizedPropertyException e) {
            throw invalid(field(e), "is not known here");
        } catch (InvalidFormatException e) {
            throw e.getTargetType() == byte[].class ? invalid(field(e), "must be base64") : wrongType(e);
        } catch (JsonMappingException e) {
            if (e.getCause() instanceof UnstorableException) {
                throw invalid(field(e), Texts.RULE);
            }
            if (e.getCause() instanceof JsonProcessingException broken && !(broken instanceof JsonMappingException)) {
                throw unreadable(field(e), broken);
            }
            throw wrongType(e);
        } catch (JsonProcessingException e) {
            throw unreadable("body", e);
        } catch (IOException e) {
            throw ProblemException.of(ProblemKind.MALFORMED_JSON);
        }
    }

    /** Tells JSON that is well-formed, and breaks a rule in {@code field}, from what is no JSON. */
    private static ProblemException unreadable(String field, JsonProcessingException e) {
        if (e instanceof InputCoercionException) {
            return invalid(field, "must be a whole number within its range");
        }
        if (e instanceof StreamConstraintsException) {
            return invalid(field, "has a number that is too long, or values that are nested too deep");
        }
        Matcher duplicate = DUPLICATE.matcher(String.valueOf(e.getOriginalMessage()));
        return duplicate.matches()
                ? invalid(Texts.shown(duplicate.group(1)), "must not appear twice in one object")
                : ProblemException.of(ProblemKind.MALFORMED_JSON);
    }

    private static ProblemException wrongType(JsonMappingException e) {
        return invalid(field(e), "must be of the type that is documented");
    }

    private static ProblemException invalid(String field, String rule) {
        return ProblemException.invalid(ProblemKind.INVALID_FIELD, field, rule);
    }

    private static String field(JsonMappingException e) {
        String path = e.getPath().stream()
                .map(at -> at.getFieldName() == null ? "[" + at.getIndex() + "]" : at.getFieldName())
                .collect(Collectors.joining("."))
                .replace(".[", "[");
        return path.isEmpty() ? "body" : Texts.shown(path);
    }

    /** Text that cannot be stored. */
    private static final class UnstorableException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** Refuses text that UTF-8 or the database cannot store, in any field. */
    private static final class StorableText extends StringDeserializer {
        private static final long serialVersionUID = 1L;

        @Override
        public String deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            String text = super.deserialize(parser, context);
            if (text != null && !Texts.isStorable(text)) {
                throw new UnstorableException();
            }
            return text;
        }
    }
}
