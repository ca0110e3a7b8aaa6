package io.shoal.engine.webseeds;

import io.shoal.egress.http.FetchFailure;
import io.shoal.egress.http.FetchReceiver;
import io.shoal.egress.http.FetchRequest;
import io.shoal.engine.net.Loop;

/** Sends requests to web servers. Any thread. */
@FunctionalInterface
public interface RangeClient {
    /** Reaches no server: for an engine without a network. */
    RangeClient NONE = loop -> new Requests() {
        @Override
        public Request get(FetchRequest request, FetchReceiver receiver) {
            loop.execute(() -> receiver.failed(FetchFailure.UNREACHABLE));
            return Request.ENDED;
        }

        @Override
        public void close() {
            // there is no connection
        }
    };

    /** Returns what sends requests for one web seed, on {@code loop}, where answers are received too. */
    Requests open(Loop loop);

    /** The requests of one web seed, sent one after the other over connections that stay open meanwhile. On its loop. */
    interface Requests extends AutoCloseable {
        /** Sends a request; the answer comes later than this returns. */
        Request get(FetchRequest request, FetchReceiver receiver);

        /** Closes the connections. */
        @Override
        void close();
    }

    /** A request whose answer is outstanding. */
    interface Request {
        /** One that has ended. */
        Request ENDED = new Request() {
            @Override
            public void setReading(boolean reading) {
                // there is nothing to be read
            }

            @Override
            public void cancel() {
                // it has ended
            }
        };

        /** Stops or resumes reading the answer. */
        void setReading(boolean reading);

        /** Ends it. The receiver must expect calls until it is told of the end. */
        void cancel();
    }
}
