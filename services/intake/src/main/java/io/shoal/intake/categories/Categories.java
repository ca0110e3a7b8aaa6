package io.shoal.intake.categories;

import io.quarkus.scheduler.Scheduled;
import io.shoal.intake.duties.Duties;
import io.shoal.intake.duties.Duty;
import io.shoal.intake.tenants.Tenants;
import io.shoal.intake.transactions.RetryConflicts;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.persistence.LockModeType;
import jakarta.transaction.Transactional;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.hibernate.Session;
import org.jspecify.annotations.Nullable;

/**
 * The categories of tenants. A deleted category is gone at once; the transfers that were filed under it are released in batches,
 * because they may be the whole library, and its row goes after the last of them. No transfer is filed under a deleted one: filing
 * locks the category's row.
 */
@ApplicationScoped
@RetryConflicts
public class Categories {
    /** Categories of one tenant. */
    public static final int MOST = 1_000;

    /** Transfers that one transaction releases. */
    private static final int BATCH = 1_000;

    private static final String RELEASE = """
            update transfer set category_id = null
             where id in (select id from transfer where category_id = :category
                           order by created_at desc, id desc limit :batch for no key update)
            """;

    private final CategoryRepository categories;
    private final Tenants tenants;
    private final Session database;
    private final Duties duties;

    Categories(CategoryRepository categories, Tenants tenants, Session database, Duties duties) {
        this.categories = categories;
        this.tenants = tenants;
        this.database = database;
        this.duties = duties;
    }

    /**
     * Creates a category; empty if the tenant has as many as it may have.
     *
     * @throws CategoryExistsException the tenant has one of this name
     */
    @Transactional
    public Optional<Category> create(UUID tenant, String name, @Nullable String savePath) {
        // The tenant's row is locked, so that two concurrent requests cannot both create the last category, or the same
        // one.
        boolean hasRoom = tenants.lock(tenant) && categories.count("tenant = ?1 and not deleted", tenant) < MOST;
        refuseTaken(tenant, name);
        if (!hasRoom) {
            return Optional.empty();
        }
        Category category = new Category(tenant, name, savePath);
        categories.persist(category);
        return Optional.of(category);
    }

    private void refuseTaken(UUID tenant, String name) {
        if (categories.count("tenant = ?1 and name = ?2 and not deleted", tenant, name) > 0) {
            throw new CategoryExistsException();
        }
    }

    /** Returns the tenant's categories by name. */
    @Transactional
    public List<Category> of(UUID tenant) {
        return categories.list("tenant = ?1 and not deleted order by name", tenant);
    }

    /** Returns the category, if it is this tenant's. */
    @Transactional
    public Optional<Category> find(UUID tenant, UUID id) {
        return categories
                .find("id = ?1 and tenant = ?2 and not deleted", id, tenant)
                .firstResultOptional();
    }

    /** Returns the tenant's category of this name. */
    @Transactional
    public Optional<Category> find(UUID tenant, String name) {
        return categories
                .find("tenant = ?1 and name = ?2 and not deleted", tenant, name)
                .firstResultOptional();
    }

    /** Inside a transaction: returns those of these categories that are not deleted, by their ids. */
    public Map<UUID, Category> named(Collection<UUID> ids) {
        return ids.isEmpty()
                ? Map.of()
                : categories.list("id in ?1 and not deleted", ids).stream()
                        .collect(Collectors.toMap(Category::id, Function.identity()));
    }

    /**
     * A change of a category; null leaves things as they are.
     *
     * @param savePath the new path, or none
     */
    public record Change(@Nullable String name, @Nullable SavePath savePath) {}

    /** A path that a category is given; null: none. */
    public record SavePath(@Nullable String path) {}

    /**
     * Changes a category; empty if the tenant does not have it.
     *
     * @throws CategoryExistsException the tenant has another one of the new name
     */
    @Transactional
    public Optional<Category> change(UUID tenant, UUID id, Change change) {
        tenants.lock(tenant);
        Optional<Category> found = lock(tenant, id);
        found.ifPresent(category -> {
            if (change.name != null && !change.name.equals(category.name())) {
                refuseTaken(tenant, change.name);
                category.rename(change.name);
            }
            if (change.savePath != null) {
                category.moveTo(change.savePath.path);
            }
        });
        return found;
    }

    /** Deletes a category; returns whether the tenant had it. Its transfers are released by {@link #releaseSome}. */
    @Transactional
    public boolean delete(UUID tenant, UUID id) {
        Optional<Category> found = lock(tenant, id);
        found.ifPresent(Category::delete);
        return found.isPresent();
    }

    private Optional<Category> lock(UUID tenant, UUID id) {
        return categories
                .find("id = ?1 and tenant = ?2 and not deleted", id, tenant)
                .withLock(LockModeType.PESSIMISTIC_WRITE)
                .firstResultOptional();
    }

    /** Releases some transfers of a deleted category; the last call deletes its row. Returns whether some may be left. */
    @Transactional
    public boolean releaseSome(UUID id) {
        int released = database.createNativeMutationQuery(RELEASE)
                .setParameter("category", id)
                .setParameter("batch", BATCH)
                .executeUpdate();
        if (released == BATCH) {
            return true;
        }
        database.createNativeMutationQuery("delete from category where id = :category and deleted")
                .setParameter("category", id)
                .executeUpdate();
        return false;
    }

    /** Releases what deletions have left that were too large for their request, or whose replica was killed. */
    @Scheduled(
            every = "10s",
            concurrentExecution = Scheduled.ConcurrentExecution.SKIP,
            skipExecutionIf = Scheduled.ApplicationNotRunning.class)
    void releaseAll() {
        duties.runInBatches(Duty.RELEASING_CATEGORIES, () -> {
            Optional<Category> deleted = categories.find("deleted = true").firstResultOptional();
            deleted.ifPresent(category -> releaseSome(category.id()));
            return deleted.isPresent();
        });
    }

    /**
     * Inside a transaction: returns the id of the tenant's category of this name, which is not deleted until the transaction ends.
     *
     * @throws NoSuchCategoryException there is none
     */
    public UUID hold(UUID tenant, String name) {
        return categories
                .find("tenant = ?1 and name = ?2 and not deleted", tenant, name)
                .withLock(LockModeType.PESSIMISTIC_READ)
                .firstResultOptional()
                .orElseThrow(NoSuchCategoryException::new)
                .id();
    }
}
