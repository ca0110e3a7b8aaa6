package io.shoal.storage.serving;

import io.shoal.storage.serving.RefusedException.Reason;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Answers every failure that no code handles, errors of the JVM included, and logs it. The framework would log the request's path
 * with it, which contains the link, and would answer what it refuses itself without a body.
 */
class UnexpectedErrorMapper {
    private static final Logger LOG = Logger.getLogger(UnexpectedErrorMapper.class);

    @ServerExceptionMapper
    Response answer(Throwable failure) {
        return ContentResource.addSecurityHeaders(Problem.answer(new RefusedException(reason(failure))))
                .build();
    }

    private static Reason reason(Throwable failure) {
        if (failure instanceof WebApplicationException answered) {
            int status = answered.getResponse().getStatus();
            if (status < 500) {
                return Reason.ofHttp(status);
            }
        }
        LOG.error("a link cannot be followed", failure);
        return Reason.INTERNAL;
    }
}
