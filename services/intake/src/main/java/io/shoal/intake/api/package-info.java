/** The edge to tenants and operators: REST, events, problem details. */
@NullMarked
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Shoal",
                        version = "1",
                        description = "Torrents in, files out. Errors are problem details (RFC 9457) with a stable"
                                + " type and code; another tenant's thing is not found, like one that there is not."),
        components =
                @Components(
                        securitySchemes = {
                            @SecurityScheme(
                                    securitySchemeName = "operatorKey",
                                    type = SecuritySchemeType.HTTP,
                                    scheme = "bearer"),
                            @SecurityScheme(
                                    securitySchemeName = "tenantKey",
                                    type = SecuritySchemeType.HTTP,
                                    scheme = "bearer")
                        }))
package io.shoal.intake.api;

import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;
import org.jspecify.annotations.NullMarked;
