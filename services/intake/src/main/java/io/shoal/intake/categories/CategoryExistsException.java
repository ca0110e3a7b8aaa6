package io.shoal.intake.categories;

/** The tenant has another category of this name. */
public final class CategoryExistsException extends RuntimeException {
    private static final long serialVersionUID = 1L;
}
