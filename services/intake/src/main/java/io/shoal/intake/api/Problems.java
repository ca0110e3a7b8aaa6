package io.shoal.intake.api;

import io.shoal.intake.planning.TenantGoneException;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.sql.SQLException;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns whatever stops a request into a problem. Nothing of the inside is told: what is ours to mend goes to the log. */
@ApplicationScoped
class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);
    private static final int RETRY_SECONDS = 5;

    @ServerExceptionMapper
    Response refused(ProblemException refused, UriInfo uri) {
        return response(refused.kind(), String.valueOf(refused.getMessage()), refused.members(), uri);
    }

    @ServerExceptionMapper
    Response storeAway(StoreUnavailableException away, UriInfo uri) {
        LOG.warnf("the store is away: %s", away);
        return response(ProblemKind.STORE_UNAVAILABLE, uri);
    }

    @ServerExceptionMapper
    Response tenantGone(TenantGoneException gone, UriInfo uri) {
        return response(ProblemKind.UNAUTHENTICATED, uri);
    }

    @ServerExceptionMapper
    Response busy(MemoryBudget.ExhaustedException busy, UriInfo uri) {
        return response(ProblemKind.BUSY, uri);
    }

    @ServerExceptionMapper
    Response notOurs(WebApplicationException said, UriInfo uri) {
        int status = said.getResponse().getStatus();
        return switch (status) {
            case 404 -> response(ProblemKind.NOT_FOUND, uri);
            case 405 -> response(ProblemKind.METHOD_NOT_ALLOWED, uri);
            case 406 -> response(ProblemKind.NOT_ACCEPTABLE, uri);
            case 413 -> response(ProblemKind.TOO_LARGE, uri);
            case 415 -> response(ProblemKind.UNSUPPORTED_TYPE, uri);
            default -> status < 500 ? response(ProblemKind.BAD_REQUEST, uri) : ours(said, uri);
        };
    }

    @ServerExceptionMapper
    Response other(RuntimeException failure, UriInfo uri) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreUnavailableException away) {
                return storeAway(away, uri);
            }
            if (cause instanceof TenantGoneException gone) {
                return tenantGone(gone, uri);
            }
            if (cause instanceof SQLException sql && isAway(sql)) {
                LOG.warnf("the database is away: %s", sql.getMessage());
                return response(ProblemKind.DATABASE_UNAVAILABLE, uri);
            }
        }
        return ours(failure, uri);
    }

    /**
     * Whether the database was not reached, as against refused what it was told: no connection in time (which has no state),
     * a connection that broke (08), a server that shuts down (57P) or has no room (53).
     */
    private static boolean isAway(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P") || state.startsWith("53");
    }

    private static Response ours(Throwable failure, UriInfo uri) {
        LOG.error("a request failed", failure);
        return response(ProblemKind.INTERNAL, uri);
    }

    private static Response response(ProblemKind kind, UriInfo uri) {
        return response(kind, kind.title(), Map.of(), uri);
    }

    private static Response response(ProblemKind kind, String detail, Map<String, String> members, UriInfo uri) {
        Problem problem = new Problem(
                kind.type(),
                kind.title(),
                kind.status(),
                detail,
                uri.getRequestUri().getRawPath(),
                kind.code(),
                members.get("field"),
                members.get("rule"));
        Response.ResponseBuilder response =
                Response.status(kind.status()).type(Problem.MEDIA_TYPE).entity(problem);
        if (kind.status() == 401) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"shoal\"");
        }
        if (kind.status() == 503 || kind.status() == 429) {
            response.header(HttpHeaders.RETRY_AFTER, RETRY_SECONDS);
        }
        return response.build();
    }
}
