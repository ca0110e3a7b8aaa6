package io.shoal.intake.api;

import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** Some transfers of a library, newest first. */
record TransferPage(
        List<TransferView> items,

        @Schema(nullable = true, description = "Cursor of the next page; null on the last") @Nullable
        String next) {}
