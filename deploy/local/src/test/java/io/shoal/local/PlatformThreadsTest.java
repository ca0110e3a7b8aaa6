package io.shoal.local;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/**
 * The launcher, its servers and its tests read children's pipes and files, and such a read on a virtual thread keeps the
 * carrier: with as many as there are cores no virtual thread runs, and nothing stops. So no virtual thread is started here.
 */
class PlatformThreadsTest {
    @Test
    void noVirtualThreadIsStarted() {
        noClasses()
                .that()
                .doNotHaveSimpleName("OneCarrier") // which is there to be blocked
                .should()
                .callMethodWhere(target(nameMatching("ofVirtual|startVirtualThread|newVirtualThreadPerTaskExecutor")))
                .because("reading pipes and files would keep the carriers")
                .check(new ClassFileImporter().importPackages("io.shoal.local", "io.shoal.embedded"));
    }
}
