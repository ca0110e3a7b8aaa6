package io.shoal.intake.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A problem as RFC 9457 defines it, with a stable code.
 *
 * @param type names the kind, as does {@code code}
 * @param detail for a person; may change
 * @param instance the path that was asked for
 * @param field what breaks a rule, where that is the problem
 * @param rule the rule
 * @param quota which quota is exceeded, where that is the problem
 * @param limit of this quota
 * @param used of it
 * @param needed in addition to what is used
 * @param serverStatus the status of another server's answer, where that is the problem
 * @param scope which scope the key lacks, where that is the problem
 */
@Schema(description = "Problem details (RFC 9457)")
@JsonInclude(JsonInclude.Include.NON_NULL)
record Problem(
        @Schema(required = true, examples = "urn:shoal:problem:not-found")
        String type,

        @Schema(required = true) String title,
        @Schema(required = true) int status,
        @Schema(required = true) String detail,
        @Schema(required = true) String instance,
        @Schema(required = true, examples = "not-found") String code,
        @Nullable String field,
        @Nullable String rule,

        @Schema(
                nullable = true,
                enumeration = {"stored-bytes", "transfers", "resolving"},
                description = "With quota-exceeded: which quota")
        @Nullable
        String quota,

        @Schema(nullable = true, description = "With quota-exceeded: the limit") @Nullable
        Long limit,

        @Schema(nullable = true, description = "With quota-exceeded: what is used of it") @Nullable
        Long used,

        @Schema(nullable = true, description = "With quota-exceeded: what is needed in addition") @Nullable
        Long needed,

        @Schema(nullable = true, description = "With url-status: the status that the URL's server answered with")
        @Nullable
        Integer serverStatus,

        @Schema(
                nullable = true,
                enumeration = {"read", "write", "admin"},
                description = "With scope-missing: the scope that is needed")
        @Nullable
        String scope) {
    static final String MEDIA_TYPE = "application/problem+json";
}
