package io.shoal.intake.api;

import io.shoal.intake.categories.CategoryExistsException;
import io.shoal.intake.categories.NoSuchCategoryException;
import io.shoal.intake.planning.DeniedException;
import io.shoal.intake.planning.HiddenTransferException;
import io.shoal.intake.planning.TenantGoneException;
import io.shoal.intake.quotas.QuotaExceededException;
import io.shoal.intake.tenants.NoSuchPoolException;
import io.shoal.intake.tenants.PoolInUseException;
import io.shoal.intake.tenants.TenantDeletingException;
import io.shoal.intake.tenants.TooManyKeysException;
import io.shoal.intake.transfers.TooManyLabelsException;
import io.shoal.objectstore.MemoryBudget;
import io.shoal.objectstore.StoreUnavailableException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Map;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Turns each failure of a request into a problem. Internals are never shown to the client: faults of the service are logged. */
@ApplicationScoped
class Problems {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    private final Caller caller;

    Problems(Caller caller) {
        this.caller = caller;
    }

    @ServerExceptionMapper
    Response refused(ProblemException refused, UriInfo uri) {
        return response(
                refused.kind(), String.valueOf(refused.getMessage()), refused.members(), refused.retrySeconds(), uri);
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
    Response denied(DeniedException denied, UriInfo uri) {
        return response(ProblemKind.DENIED, uri);
    }

    @ServerExceptionMapper
    Response overQuota(QuotaExceededException over, UriInfo uri) {
        String quota = over.kind().name().toLowerCase(Locale.ROOT).replace('_', '-');
        if (caller.isAppKey()) { // it is not told what the tenant has beside its label
            return response(
                    ProblemKind.QUOTA_EXCEEDED,
                    ProblemKind.QUOTA_EXCEEDED.title(),
                    Map.of("quota", quota, "needed", over.needed()),
                    ProblemException.RETRY_SECONDS,
                    uri);
        }
        Map<String, Object> members =
                Map.of("quota", quota, "limit", over.limit(), "used", over.used(), "needed", over.needed());
        return response(
                ProblemKind.QUOTA_EXCEEDED,
                "The quota %s is %d, of which %d are used; %d more are needed"
                        .formatted(quota, over.limit(), over.used(), over.needed()),
                members,
                ProblemException.RETRY_SECONDS,
                uri);
    }

    @ServerExceptionMapper
    Response tenantDeleting(TenantDeletingException deleting, UriInfo uri) {
        return response(ProblemKind.TENANT_DELETING, uri);
    }

    @ServerExceptionMapper
    Response tooManyKeys(TooManyKeysException many, UriInfo uri) {
        return response(ProblemKind.TOO_MANY_KEYS, uri);
    }

    @ServerExceptionMapper
    Response poolInUse(PoolInUseException used, UriInfo uri) {
        return response(ProblemKind.POOL_IN_USE, uri);
    }

    @ServerExceptionMapper
    Response noSuchPool(NoSuchPoolException unknown, UriInfo uri) {
        return refused(ProblemException.invalid(ProblemKind.INVALID_FIELD, "pool", "must be the id of a pool"), uri);
    }

    @ServerExceptionMapper
    Response noSuchCategory(NoSuchCategoryException unknown, UriInfo uri) {
        return refused(
                ProblemException.invalid(
                        ProblemKind.INVALID_FIELD, "category", "must be the name of one of the tenant's categories"),
                uri);
    }

    @ServerExceptionMapper
    Response tooManyLabels(TooManyLabelsException many, UriInfo uri) {
        return refused(TransferFields.tooManyLabels(), uri);
    }

    @ServerExceptionMapper
    Response hiddenTransfer(HiddenTransferException hidden, UriInfo uri) {
        return response(ProblemKind.EXISTS_WITHOUT_LABEL, uri);
    }

    @ServerExceptionMapper
    Response categoryExists(CategoryExistsException taken, UriInfo uri) {
        return response(ProblemKind.CATEGORY_EXISTS, uri);
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
    Response other(Throwable failure, UriInfo uri) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreUnavailableException away) {
                return storeAway(away, uri);
            }
            if (cause instanceof TenantGoneException gone) {
                return tenantGone(gone, uri);
            }
            if (cause instanceof DeniedException denied) {
                return denied(denied, uri);
            }
            if (cause instanceof QuotaExceededException over) {
                return overQuota(over, uri);
            }
            if (cause instanceof TenantDeletingException deleting) {
                return tenantDeleting(deleting, uri);
            }
            if (cause instanceof TooManyKeysException many) {
                return tooManyKeys(many, uri);
            }
            if (cause instanceof PoolInUseException used) {
                return poolInUse(used, uri);
            }
            if (cause instanceof NoSuchPoolException unknown) {
                return noSuchPool(unknown, uri);
            }
            if (cause instanceof NoSuchCategoryException unknown) {
                return noSuchCategory(unknown, uri);
            }
            if (cause instanceof TooManyLabelsException many) {
                return tooManyLabels(many, uri);
            }
            if (cause instanceof HiddenTransferException hidden) {
                return hiddenTransfer(hidden, uri);
            }
            if (cause instanceof SQLException sql && isTooSlow(sql)) {
                LOG.infof("a statement took too long: %s", sql.getMessage());
                return response(ProblemKind.BUSY, uri);
            }
            if (cause instanceof SQLException sql && isAway(sql)) {
                LOG.warnf("the database is away: %s", sql.getMessage());
                return response(ProblemKind.DATABASE_UNAVAILABLE, uri);
            }
        }
        return ours(failure, uri);
    }

    /**
     * Returns whether the database could not be reached, rather than refused a statement: no connection in time (which has no state),
     * a connection that broke (08), a server that shuts down (57P) or has no room (53).
     */
    private static boolean isAway(SQLException failure) {
        String state = failure.getSQLState();
        return state == null || state.startsWith("08") || state.startsWith("57P") || state.startsWith("53");
    }

    /** Returns whether a statement was ended because it took too long. */
    private static boolean isTooSlow(SQLException failure) {
        return "57014".equals(failure.getSQLState());
    }

    private static Response ours(Throwable failure, UriInfo uri) {
        LOG.error("a request failed", failure);
        return response(ProblemKind.INTERNAL, uri);
    }

    private static Response response(ProblemKind kind, UriInfo uri) {
        return response(kind, kind.title(), Map.of(), ProblemException.RETRY_SECONDS, uri);
    }

    private static Response response(
            ProblemKind kind, String detail, Map<String, ?> members, long retrySeconds, UriInfo uri) {
        Problem problem = new Problem(
                kind.type(),
                kind.title(),
                kind.status(),
                detail,
                uri.getRequestUri().getRawPath(),
                kind.code(),
                (String) members.get("field"),
                (String) members.get("rule"),
                (String) members.get("quota"),
                (Long) members.get("limit"),
                (Long) members.get("used"),
                (Long) members.get("needed"),
                (Integer) members.get("serverStatus"),
                (String) members.get("scope"));
        Response.ResponseBuilder response =
                Response.status(kind.status()).type(Problem.MEDIA_TYPE).entity(problem);
        if (kind.status() == 401) {
            response.header(HttpHeaders.WWW_AUTHENTICATE, "Bearer realm=\"shoal\"");
        }
        if (kind == ProblemKind.UNSUPPORTED_ENCODING) {
            response.header(HttpHeaders.ACCEPT_ENCODING, "identity");
        }
        if (kind.status() == 503 || kind.status() == 429) {
            response.header(HttpHeaders.RETRY_AFTER, retrySeconds);
        }
        return response.build();
    }
}
