package io.shoal.storage.serving;

import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/**
 * What a refusal looks like (RFC 9457).
 *
 * @param type a URN ({@code urn:shoal:problem:} and the code) that names the kind of problem and never changes
 * @param code the last part of {@code type}
 * @param title the same for each problem of a kind
 * @param status the HTTP status
 * @param detail the explanation of this occurrence
 */
record Problem(String type, String code, String title, int status, String detail) {
    static final String MEDIA_TYPE = "application/problem+json";

    /** Returns the explanation why a link was refused. */
    static Problem of(RefusedException refused) {
        RefusedException.Reason reason = refused.reason();
        return new Problem(
                "urn:shoal:problem:" + reason.code(), reason.code(), reason.title(), reason.status(), refused.detail());
    }

    /** Returns the answer that explains why a link was refused. */
    static Response.ResponseBuilder answer(RefusedException refused) {
        RefusedException.Reason reason = refused.reason();
        Response.ResponseBuilder answer = Response.status(reason.status())
                .type(MEDIA_TYPE)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(of(refused));
        return reason.status() == Response.Status.SERVICE_UNAVAILABLE.getStatusCode()
                ? answer.header(HttpHeaders.RETRY_AFTER, RefusedException.Reason.RETRY_AFTER.toSeconds())
                : answer;
    }
}
