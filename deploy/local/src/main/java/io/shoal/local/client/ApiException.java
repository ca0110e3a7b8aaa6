package io.shoal.local.client;

import java.io.IOException;

/** The platform has refused a request, and said why. */
public final class ApiException extends IOException {
    private static final long serialVersionUID = 1;

    private final int status;
    private final String code;

    ApiException(int status, String code, String detail) {
        super("%d %s: %s".formatted(status, code, detail));
        this.status = status;
        this.code = code;
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** The problem's stable code; empty if the answer had none. */
    public String code() {
        return code;
    }
}
