package io.shoal.bittorrent.metainfo;

/**
 * Metainfo or a magnet that breaks a rule. The message is for a person and names field and rule, never the input
 * itself.
 */
public final class MetainfoException extends Exception {
    private static final long serialVersionUID = 1L;

    private final String field;
    private final String rule;

    public MetainfoException(String field, String rule) {
        super(field + ": " + rule);
        this.field = field;
        this.rule = rule;
    }

    /** The field as the format names it, such as {@code info.pieces} or {@code info.files[3].path}. */
    public String field() {
        return field;
    }

    /** The rule that the field must obey. */
    public String rule() {
        return rule;
    }
}
