package io.shoal.intake.api;

import jakarta.ws.rs.core.Application;
import org.eclipse.microprofile.openapi.annotations.Components;
import org.eclipse.microprofile.openapi.annotations.OpenAPIDefinition;
import org.eclipse.microprofile.openapi.annotations.enums.SecuritySchemeType;
import org.eclipse.microprofile.openapi.annotations.info.Info;
import org.eclipse.microprofile.openapi.annotations.security.SecurityScheme;

/** The API as a whole, for its documentation. */
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
class Api extends Application {}
