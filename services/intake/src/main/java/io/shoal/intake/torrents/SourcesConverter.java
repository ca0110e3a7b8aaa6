package io.shoal.intake.torrents;

import jakarta.persistence.AttributeConverter;
import jakarta.persistence.Converter;

/** Keeps {@link Sources} in a text column. */
@Converter(autoApply = true)
public class SourcesConverter implements AttributeConverter<Sources, String> {
    @Override
    public String convertToDatabaseColumn(Sources sources) {
        return sources.text();
    }

    @Override
    public Sources convertToEntityAttribute(String text) {
        return Sources.parse(text);
    }
}
