package io.shoal.storage.catalog;

/** What is known of one generation of a torrent. */
public sealed interface GenerationState {
    /** No record has named the generation yet. */
    record Unknown() implements GenerationState {}

    /** The generation was removed, or a higher one has begun: nothing is written for it again. */
    record Dead() implements GenerationState {}

    /**
     * It lives.
     *
     * @param infoKey the object with its info dictionary
     */
    record Live(String infoKey) implements GenerationState {}
}
