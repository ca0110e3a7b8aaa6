package io.shoal.intake.events;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.shoal.intake.events.LibraryDocuments.Document;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Encodes events as server-sent events. A document is written into each event as it was made once. */
@ApplicationScoped
class EventFrames {
    /** Rows of one {@code progress} event. */
    private static final int PROGRESS_ROWS = 500;

    private final ObjectMapper json;

    EventFrames(ObjectMapper json) {
        this.json = json;
    }

    byte[] reset() {
        return start("reset").append("{}").end(null);
    }

    /** A comment, so that proxies keep the connection. With an id the client notes how far it has read. */
    byte[] heartbeat(@Nullable String id) {
        return new Event().append(": still here\n").idLine(id).append("\n").bytes();
    }

    /**
     * A page of the library.
     *
     * @param id the position that the library had before its first page was read; null: this is not the last page
     */
    byte[] snapshot(Collection<Document> documents, @Nullable String label, @Nullable String id) {
        return start("snapshot")
                .append("{\"transfers\":")
                .documents(documents, label)
                .append(",\"last\":" + (id != null) + "}")
                .end(id);
    }

    /** Changes up to the position {@code id}, which only the last of the events has. */
    byte[] changes(Collection<UUID> removed, Collection<Document> changed, @Nullable String label, String id) {
        Event event = new Event();
        if (!removed.isEmpty()) {
            event.name("removed").append("{\"ids\":").value(removed).append("}").end(changed.isEmpty() ? id : null);
        }
        if (!changed.isEmpty()) {
            event.name("changed")
                    .append("{\"transfers\":")
                    .documents(changed, label)
                    .append("}")
                    .end(id);
        }
        return event.bytes();
    }

    /** Figures, which have no position: they are not sent again to a client that resumes. */
    byte[] progress(List<TransferProgress> figures) {
        Event event = new Event();
        for (int first = 0; first < figures.size(); first += PROGRESS_ROWS) {
            event.name("progress")
                    .append("{\"transfers\":")
                    .value(figures.subList(first, Math.min(figures.size(), first + PROGRESS_ROWS)))
                    .append("}")
                    .end(null);
        }
        return event.bytes();
    }

    private Event start(String name) {
        return new Event().name(name);
    }

    /** What is written so far. Nothing in it has a line break, except those that end fields. */
    private final class Event {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Event append(String text) {
            out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            return this;
        }

        Event name(String name) {
            return append("event: " + name + "\ndata: ");
        }

        Event documents(Collection<Document> documents, @Nullable String label) {
            append("[");
            String separator = "";
            for (Document document : documents) {
                append(separator).append(document.json(label));
                separator = ",";
            }
            return append("]");
        }

        Event value(Object value) {
            try {
                out.writeBytes(json.writeValueAsBytes(value));
                return this;
            } catch (JsonProcessingException e) {
                throw new IllegalStateException("an event cannot be written", e);
            }
        }

        Event idLine(@Nullable String id) {
            return id == null ? this : append("id: " + id + "\n");
        }

        /** Ends the event; returns all that was written. */
        byte[] end(@Nullable String id) {
            append("\n").idLine(id).append("\n");
            return bytes();
        }

        byte[] bytes() {
            return out.toByteArray();
        }
    }
}
