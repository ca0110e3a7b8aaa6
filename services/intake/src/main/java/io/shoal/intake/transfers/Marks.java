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
public class Marks {
    @Column(name = "number")
    private int number;

    @Column(name = "name")
    private String name;

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

    /** For Hibernate. */
    protected Marks() {}

    Marks(String name, Filing filing) {
        this.name = name;
        this.labels = filing.labels().list();
        display(filing.displayName());
    }

    /** Composed and in lower case, so that texts that differ in nothing else are equal. */
    static String folded(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFC).toLowerCase(Locale.ROOT);
    }

    /** The torrent turns out to have this name. */
    void name(String known) {
        name = known;
        display(displayName);
    }

    /** The tenant gives it a name of their own, or none. */
    public void display(@Nullable String display) {
        displayName = display;
        String folded = folded(name);
        sortName = display == null ? folded : folded(display);
        searchText = display == null ? folded : folded + "\n" + sortName;
    }

    void number(int given) {
        number = given;
    }

    /** The tenant gives it other labels. */
    public void label(Labels given) {
        labels = given.list();
    }

    /** The tenant files it under another category, or none. */
    public void file(@Nullable UUID under) {
        category = under;
    }

    /** Returns its number in the library. */
    public int number() {
        return number;
    }

    /** Returns the name that its torrent has, cleaned. */
    String name() {
        return name;
    }

    public Labels labels() {
        return Labels.of(labels);
    }

    /** Returns the id of the category that it is filed under, which may just have been deleted; null if there is none. */
    public @Nullable UUID category() {
        return category;
    }

    /** Returns the name that the tenant has given to it; null if the torrent's name is shown. */
    public @Nullable String displayName() {
        return displayName;
    }

    /** Returns the name by which lists are ordered. */
    String sortName() {
        return sortName;
    }
}
