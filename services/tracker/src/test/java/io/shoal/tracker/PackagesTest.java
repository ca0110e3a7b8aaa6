package io.shoal.tracker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The way of an announce goes downwards: edge, rules, swarms. */
@AnalyzeClasses(packages = "io.shoal.tracker", importOptions = ImportOption.DoNotIncludeTests.class)
class PackagesTest {
    @ArchTest
    static final ArchRule noCircles =
            slices().matching("io.shoal.tracker.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theSwarmsKnowNoProtocolNoKafkaAndNoRule = classes()
            .that()
            .resideInAPackage("io.shoal.tracker.swarms")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.shoal.tracker.swarms",
                    "io.shoal.tracker.networks",
                    "io.shoal.bittorrent",
                    "java..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule thePrivateSwarmsKnowNoProtocolAndNoKafka = classes()
            .that()
            .resideInAnyPackage("io.shoal.tracker.members", "io.shoal.tracker.accounting", "io.shoal.tracker.limits")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "io.shoal.tracker.members",
                    "io.shoal.tracker.accounting",
                    "io.shoal.tracker.limits",
                    "io.shoal.tracker.admission",
                    "io.shoal.tracker.swarms",
                    "io.shoal.tracker.networks",
                    "java..",
                    "org.jspecify..");

    @ArchTest
    static final ArchRule anEdgeIsKnownToTheWiringOnly = classes()
            .that()
            .resideInAnyPackage(
                    "io.shoal.tracker.http",
                    "io.shoal.tracker.udp",
                    "io.shoal.tracker.records",
                    "io.shoal.tracker.replication")
            .should()
            .onlyHaveDependentClassesThat()
            .resideInAnyPackage(
                    "io.shoal.tracker",
                    "io.shoal.tracker.http",
                    "io.shoal.tracker.udp",
                    "io.shoal.tracker.records",
                    "io.shoal.tracker.replication");
}
