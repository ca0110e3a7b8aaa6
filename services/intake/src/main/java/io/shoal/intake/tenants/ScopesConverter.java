package io.shoal.intake.tenants;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Keeps {@link Scopes} in a text column. */
@Converter(autoApply = true)
public class ScopesConverter implements AttributeConverter<Scopes, String> {
    @Override
    public String convertToDatabaseColumn(Scopes scopes) {
        return scopes.text();
    }

    @Override
    public Scopes convertToEntityAttribute(String text) {
        return Scopes.parse(text);
    }
}
