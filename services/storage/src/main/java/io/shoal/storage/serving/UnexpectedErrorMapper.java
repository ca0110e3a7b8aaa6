package io.shoal.storage.serving;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/**
 * Answers every failure that no code handles, errors of the JVM included, and logs it. The framework would log the request's path
 * with it, which contains the link.
 */
class UnexpectedErrorMapper {
    private static final Logger LOG = Logger.getLogger(UnexpectedErrorMapper.class);

    @ServerExceptionMapper
    Response answer(Throwable failure) {
        if (failure instanceof WebApplicationException answered) {
            return answered.getResponse();
        }
        LOG.error("a link cannot be followed", failure);
        return ContentResource.addSecurityHeaders(
                        Problem.answer(new RefusedException(RefusedException.Reason.INTERNAL)))
                .build();
    }
}
