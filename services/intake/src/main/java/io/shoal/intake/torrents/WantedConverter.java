package io.shoal.intake.torrents;

import io.shoal.contracts.records.Wanted;
import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Keeps {@link Wanted} in a text column. */
@Converter(autoApply = true)
public class WantedConverter implements AttributeConverter<Wanted, String> {
    @Override
    public String convertToDatabaseColumn(Wanted wanted) {
        return wanted.text();
    }

    @Override
    public Wanted convertToEntityAttribute(String text) {
        return Wanted.parse(text);
    }
}
