package io.shoal.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.Architectures;
import io.shoal.objectstore.ObjectStore;
import java.time.Instant;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.LockSupport;

/** Three layers, arrows only downwards, no cycles. */
@AnalyzeClasses(packages = "io.shoal", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] PLATFORM = {
        "io.quarkus..", "io.vertx..", "org.apache.kafka..", "io.minio..", "okhttp3.."
    };

    @ArchTest
    static final ArchRule theLayers = Architectures.layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("bittorrent")
            .definedBy("io.shoal.bittorrent..")
            .layer("contracts")
            .definedBy("io.shoal.contracts..")
            .layer("objectstore")
            .definedBy("io.shoal.objectstore..")
            .layer("egress")
            .definedBy("io.shoal.egress..")
            .layer("engine")
            .definedBy("io.shoal.engine..")
            .layer("intake")
            .definedBy("io.shoal.intake..")
            .layer("storage")
            .definedBy("io.shoal.storage..")
            .layer("tracker")
            .definedBy("io.shoal.tracker..")
            .layer("swarm")
            .definedBy("io.shoal.swarm..")
            .whereLayer("contracts")
            .mayOnlyBeAccessedByLayers("objectstore", "intake", "storage", "tracker", "swarm")
            .whereLayer("objectstore")
            .mayOnlyBeAccessedByLayers("intake", "storage", "swarm")
            .whereLayer("egress")
            .mayOnlyBeAccessedByLayers("engine", "intake", "swarm")
            .whereLayer("engine")
            .mayOnlyBeAccessedByLayers("swarm")
            .whereLayer("intake")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("storage")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("tracker")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("swarm")
            .mayNotBeAccessedByAnyLayer();

    @ArchTest
    static final ArchRule theEngineKnowsNothingOfThePlatform = noClasses()
            .that()
            .resideInAPackage("io.shoal.engine..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(PLATFORM);

    @ArchTest
    static final ArchRule formatsDoNoInputOrOutput = noClasses()
            .that()
            .resideInAPackage("io.shoal.bittorrent..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.net.http..", "java.nio.channels..", "java.util.concurrent..", "io.netty.channel..");

    @ArchTest
    static final ArchRule onlyOneModuleKnowsTheStoresSdk = noClasses()
            .that()
            .resideOutsideOfPackage("io.shoal.objectstore..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.minio..", "okhttp3..");

    private static final String[] RUNS_IN_THE_SIMULATION = {
        "io.shoal.swarm.running..", "io.shoal.swarm.segments..", "io.shoal.swarm.slots..", "io.shoal.swarm.scratch.."
    };

    @ArchTest
    static final ArchRule aWorkerWaitsForTheStoreAsynchronously = noClasses()
            .that()
            .resideInAnyPackage(RUNS_IN_THE_SIMULATION)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(ObjectStore.class.getName());

    @ArchTest
    static final ArchRule aWorkerHasNoThreads = noClasses()
            .that()
            .resideInAnyPackage(RUNS_IN_THE_SIMULATION)
            .should()
            .dependOnClassesThat()
            .belongToAnyOf(
                    Thread.class,
                    ExecutorService.class,
                    Executors.class,
                    Semaphore.class,
                    CountDownLatch.class,
                    LockSupport.class);

    @ArchTest
    static final ArchRule aWorkerTakesTimeAndChanceFromOutside = noClasses()
            .that()
            .resideInAnyPackage(RUNS_IN_THE_SIMULATION)
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(UUID.class, "randomUUID")
            .orShould()
            .dependOnClassesThat()
            .areAssignableTo(Random.class);

    @ArchTest
    static void noCyclesBetweenPackages(JavaClasses classes) {
        for (String module :
                new String[] {"bittorrent", "contracts", "egress", "engine", "intake", "storage", "tracker", "swarm"}) {
            slices().matching("io.shoal." + module + ".(*)..")
                    .should()
                    .beFreeOfCycles()
                    .check(classes);
        }
    }

    @ArchTest
    static final ArchRule packagesAreNamedByTheirSubject = noClasses()
            .should()
            .resideInAnyPackage(
                    "..impl..", "..util..", "..utils..", "..common..", "..service..", "..model..", "..misc..");
}
