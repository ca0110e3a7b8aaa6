package io.shoal.intake.api;

import io.shoal.intake.accounting.Account;
import io.shoal.intake.accounting.Accounting;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirement;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The bytes of one torrent that a tenant's users sent and received. */
@Path("/v1/transfers/{id}/accounting")
@ForTenant
@RunOnVirtualThread
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "tenant")
@SecurityRequirement(name = "tenantKey")
class AccountingResource {
    private final Caller caller;
    private final LibraryReader libraryReader;
    private final Accounting accounting;

    AccountingResource(Caller caller, LibraryReader libraryReader, Accounting accounting) {
        this.caller = caller;
        this.libraryReader = libraryReader;
        this.accounting = accounting;
    }

    @Schema(name = "UserAccount", description = "The bytes of one private torrent that one user sent and received")
    record AccountView(
            @Schema(description = "The id of the user's passkey")
            UUID passkey,

            @Schema(nullable = true, description = "Its name; null some days after it was revoked") @Nullable
            String name,

            @Schema(description = "Bytes") long uploaded,
            @Schema(description = "Bytes") long downloaded,
            long seedingSeconds,
            @Schema(description = "Runs of a client") long sessions,
            Instant lastAnnounceAt) {
        static AccountView of(Account account) {
            return new AccountView(
                    account.user(),
                    account.name(),
                    account.uploaded(),
                    account.downloaded(),
                    account.seedingSeconds(),
                    account.sessions(),
                    account.last());
        }
    }

    @Schema(name = "AccountList")
    record AccountList(List<AccountView> items) {}

    @GET
    @Operation(
            operationId = "listAccounting",
            summary = "List what the users of your passkeys sent and received",
            description =
                    "As the tracker counted it for a private torrent; the user that sent most comes first, at most 1,000")
    public AccountList get(@PathParam("id") String id) {
        LibraryReader.Item item = libraryReader.find(caller.library(), Ids.parse(id));
        return new AccountList(accounting.of(caller.tenant(), item.transfer().infoHash()).stream()
                .map(AccountView::of)
                .toList());
    }
}
