package io.shoal.intake.categories;

import io.quarkus.hibernate.orm.panache.PanacheRepositoryBase;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.UUID;

/** Categories by their id. */
@ApplicationScoped
class CategoryRepository implements PanacheRepositoryBase<Category, UUID> {}
