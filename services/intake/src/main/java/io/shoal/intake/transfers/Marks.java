package io.shoal.intake.transfers;

import jakarta.persistence.Column;
import jakarta.persistence.Embeddable;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant finds a transfer by: its number, labels, category and names. The texts that lists are sorted by and searched in
 * follow from the names, so they are set wherever a name is.
 */
@Embeddable
class Marks {
    @Column(name = "number")
    private int number;

    @Column(name = "labels")
    @JdbcTypeCode(SqlTypes.ARRAY)
    private List<String> labels = List.of();

    @Column(name = "category_id")
    private @Nullable UUID category;

    @Column(name = "display_name")
    private @Nullable String displayName;

    @Column(name = "sort_name")
    private String sortName = "";

    @Column(name = "search_text")
    private String searchText = "";

    /** Composed and in lower case, so that texts that differ in nothing else are equal. */
    static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    /** Sets the name that the tenant gives to it, or none, beside the {@code name} that its torrent has. */
    void name(String name, @Nullable String display) {
        displayName = display;
        String folded = folded(name);
        sortName = display == null ? folded : folded(display);
        searchText = display == null ? folded : folded + "\n" + sortName;
    }

    void number(int given) {
        number = given;
    }

    void label(Labels given) {
        labels = given.list();
    }

    void file(@Nullable UUID under) {
        category = under;
    }

    int number() {
        return number;
    }

    Labels labels() {
        return Labels.of(labels);
    }

    @Nullable
    UUID category() {
        return category;
    }

    @Nullable
    String displayName() {
        return displayName;
    }

    String sortName() {
        return sortName;
    }
}
