package io.shoal.intake.transfers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LabelsTest {
    @Test
    void theyAreASetWithoutWhiteSpaceAroundThem() {
        assertThat(Labels.of(List.of(" tv ", "iso", "tv", "TV")).list()).containsExactly("TV", "iso", "tv");
    }

    @Test
    void aLabelTypedOnAnotherSystemIsTheSame() {
        assertThat(Labels.of(List.of("cafe\u0301", "caf\u00e9")).list()).containsExactly("caf\u00e9");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "  ", "a,b", "a\nb", "a\u0000b", "\u0085"})
    void whatClientsCannotWriteIsRefused(String text) {
        assertThatThrownBy(() -> Labels.of(List.of(text))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theirNumberAndTheirBytesAreBounded() {
        assertThat(Labels.of(List.of("x".repeat(100), "é".repeat(50))).list()).hasSize(2);
        assertThatThrownBy(() -> Labels.of(List.of("x".repeat(101)))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Labels.of(List.of("é".repeat(51)))).isInstanceOf(IllegalArgumentException.class);
        List<String> many = IntStream.range(0, 32).mapToObj(i -> "label " + i).toList();
        assertThat(Labels.of(many).list()).hasSize(32);
        List<String> more = IntStream.range(0, 33).mapToObj(i -> "label " + i).toList();
        assertThatThrownBy(() -> Labels.of(more)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Labels.of(Arrays.asList("a", null))).isInstanceOf(IllegalArgumentException.class);
    }
}
