package io.shoal.intake.categories;

/** The tenant has no category of this name. */
public final class NoSuchCategoryException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
