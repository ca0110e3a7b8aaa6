/** The API for tenants and operators: REST, event streams, problem details. */
@NullMarked
@OpenAPIDefinition(
        info =
                @Info(
                        title = "Shoal",
                        version = "1",
                        description = "Torrents in, files out. Errors are problem details (RFC 9457) with a stable type"
                                + " and code. Resources of other tenants answer 404, exactly like resources that do"
                                + " not exist."),
        components =
                @Components(
                        securitySchemes = {
                            @SecurityScheme(
                                    securitySchemeName = "operatorKey",
                                    type = SecuritySchemeType.HTTP,
                                    scheme = "bearer"),
                            @SecurityScheme(
                                    securitySchemeName = "tenantKey",
                                    description =
                                            "A tenant's key, or a session of one. It needs the scope read for GET and for"
                                                    + " making links, admin for keys, none for sessions, write for all else."
                                                    + " An app key sees only transfers with its label",
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
