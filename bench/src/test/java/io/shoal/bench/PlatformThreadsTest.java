package io.shoal.bench;

import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.api.Test;

/** The benchmarks read pipes and files of the programs that they measure: never on a virtual thread, which keeps its carrier. */
class PlatformThreadsTest {
    @Test
    void noVirtualThreadIsStarted() {
        noClasses()
                .should()
                .callMethodWhere(target(nameMatching("ofVirtual|startVirtualThread|newVirtualThreadPerTaskExecutor")))
                .because("reading pipes and files would keep the carriers")
                .check(new ClassFileImporter().importPackages("io.shoal.bench"));
    }
}
