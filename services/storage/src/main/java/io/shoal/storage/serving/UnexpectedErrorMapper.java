package io.shoal.storage.serving;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import org.jboss.logging.Logger;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/** Answers what nobody foresaw, and logs it without the request's path: a link is a right. */
class UnexpectedErrorMapper {
    private static final Logger LOG = Logger.getLogger(UnexpectedErrorMapper.class);

    @ServerExceptionMapper
    Response answer(RuntimeException mistake) {
        if (mistake instanceof WebApplicationException answered) {
            return answered.getResponse();
        }
        LOG.error("a link cannot be followed", mistake);
        return ContentResource.addSecurityHeaders(
                        Problem.answer(new RefusedException(RefusedException.Reason.INTERNAL)))
                .build();
    }
}
