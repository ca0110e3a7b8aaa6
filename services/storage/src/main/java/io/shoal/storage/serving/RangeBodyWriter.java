package io.shoal.storage.serving;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.OutputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyWriter;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/** Makes a {@link RangeBody} write to the connection itself, because a stream in between would buffer without bound. */
@Provider
class RangeBodyWriter implements ServerMessageBodyWriter<RangeBody> {
    @Override
    public boolean isWriteable(Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType media) {
        return type == RangeBody.class;
    }

    @Override
    public boolean isWriteable(Class<?> type, Type genericType, Annotation[] annotations, MediaType media) {
        return type == RangeBody.class;
    }

    @Override
    public void writeResponse(RangeBody body, Type genericType, ServerRequestContext context) {
        body.send();
    }

    @Override
    public void writeTo(
            RangeBody body,
            Class<?> type,
            Type genericType,
            Annotation[] annotations,
            MediaType media,
            MultivaluedMap<String, Object> headers,
            OutputStream out) {
        throw new UnsupportedOperationException("bodies are sent without a stream in between");
    }
}
