package io.shoal.intake.torrents;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Keeps {@link Owner} in a text column. */
@Converter(autoApply = true)
public class OwnerConverter implements AttributeConverter<Owner, String> {
    @Override
    public String convertToDatabaseColumn(Owner owner) {
        return owner.text();
    }

    @Override
    public Owner convertToEntityAttribute(String text) {
        return Owner.parse(text);
    }
}
