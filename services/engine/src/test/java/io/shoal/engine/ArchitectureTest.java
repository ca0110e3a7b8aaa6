package io.shoal.engine;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noFields;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.shoal.engine.net.Loop;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The layers of the engine, from the bottom: ground, parts, the session, the engine. Dependencies point downwards only.
 */
class ArchitectureTest {
    private static final JavaClasses ENGINE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.shoal.engine");

    private static final List<String> ROOMS = List.of(
            "announce",
            "choking",
            "dialing",
            "exchange",
            "files",
            "metadata",
            "netty",
            "obfuscation",
            "peers",
            "picking",
            "verifying",
            "webseeds");

    @Test
    void theEngineKnowsNothingOfThePlatform() {
        noClasses()
                .should()
                .dependOnClassesThat(resideInAnyPackage(
                        "io.quarkus..",
                        "io.vertx..",
                        "org.apache.kafka..",
                        "io.minio..",
                        "jakarta..",
                        "org.eclipse.microprofile.."))
                .check(ENGINE);
        noClasses()
                .should()
                .dependOnClassesThat(resideInAPackage("io.shoal..")
                        .and(resideOutsideOfPackages(
                                "io.shoal.engine..", "io.shoal.bittorrent..", "io.shoal.egress..")))
                .check(ENGINE);
    }

    @Test
    void theRoomsDoNotKnowOneAnother() {
        for (String room : ROOMS) {
            String[] others = ROOMS.stream()
                    .filter(other -> !other.equals(room))
                    .map(other -> "io.shoal.engine." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.shoal.engine." + room + "..")
                    .should()
                    .dependOnClassesThat(resideInAnyPackage(others))
                    .check(ENGINE);
        }
    }

    @Test
    void arrowsPointDownwards() {
        noClasses()
                .that()
                .resideOutsideOfPackages("io.shoal.engine.session..", "io.shoal.engine.swarms..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.shoal.engine.session..", "io.shoal.engine.swarms.."))
                .check(ENGINE);
        noClasses()
                .that()
                .resideInAPackage("io.shoal.engine.session..")
                .should()
                .dependOnClassesThat(resideInAPackage("io.shoal.engine.swarms.."))
                .check(ENGINE);
        classes()
                .that()
                .resideInAnyPackage("io.shoal.engine.net", "io.shoal.engine.store", "io.shoal.engine.limits")
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(
                        "java..",
                        "org.jspecify..",
                        "io.netty.buffer..",
                        "io.shoal.bittorrent..",
                        "io.shoal.engine.net",
                        "io.shoal.engine.store",
                        "io.shoal.engine.limits"))
                .check(ENGINE);
    }

    @Test
    void noPartOfASessionKnowsTheSession() {
        List<String> composed = List.of("TorrentSession", "SessionParts", "ResolveSession");
        List<String> handles = List.of("RunningTorrent", "RunningResolution");
        noClasses()
                .that(resideInAPackage("io.shoal.engine.session..").and(not(areOrAreNestedIn(composed, handles))))
                .should()
                .dependOnClassesThat(areOrAreNestedIn(composed, handles))
                .because("a part gets the functions that it needs, and finds no other part through the session")
                .check(ENGINE);
    }

    @Test
    void thePartsOfASessionHaveOnlyTheGuardedLoop() {
        List<String> known = List.of("GuardedLoop", "RunningTorrent", "RunningResolution");
        noFields()
                .that()
                .areDeclaredInClassesThat(
                        resideInAPackage("io.shoal.engine.session..").and(not(areOrAreNestedIn(known, List.of()))))
                .should()
                .haveRawType(Loop.class)
                .because("a fault in a task of the loop itself would end silently")
                .check(ENGINE);
    }

    private static DescribedPredicate<JavaClass> areOrAreNestedIn(List<String> some, List<String> others) {
        return DescribedPredicate.describe("are " + some + " or " + others, each -> {
            String name = each.getName().replaceFirst("\\$.*", "").replaceFirst(".*\\.", "");
            return each.getPackageName().equals("io.shoal.engine.session")
                    && (some.contains(name) || others.contains(name));
        });
    }

    @Test
    void noPackagesGoInCircles() {
        slices().matching("io.shoal.engine.(**)").should().beFreeOfCycles().check(ENGINE);
    }
}
