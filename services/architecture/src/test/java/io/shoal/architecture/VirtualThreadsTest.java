package io.shoal.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import io.smallrye.common.annotation.RunOnVirtualThread;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Virtual threads are for network calls. A read of a pipe or a file keeps the carrier, and with as many as there are cores no
 * virtual thread runs. A class that runs code on virtual threads (with its nested classes) opens neither, so whatever it calls
 * for that must hand it to a platform thread.
 */
@AnalyzeClasses(packages = "io.shoal", importOptions = ImportOption.DoNotIncludeTests.class)
class VirtualThreadsTest {
    private static final Set<String> STARTS =
            Set.of("ofVirtual", "startVirtualThread", "newVirtualThreadPerTaskExecutor");

    @ArchTest
    static void classesThatUseVirtualThreadsReadNoPipeAndNoFile(JavaClasses classes) {
        Set<JavaClass> users = classes.stream()
                .filter(VirtualThreadsTest::usesVirtualThreads)
                .map(VirtualThreadsTest::outermost)
                .collect(Collectors.toSet());
        noClasses()
                .that(DescribedPredicate.describe(
                        "use virtual threads", (JavaClass each) -> users.contains(outermost(each))))
                .should()
                .dependOnClassesThat(belongToAnyOf(
                        Process.class,
                        ProcessBuilder.class,
                        FileInputStream.class,
                        FileOutputStream.class,
                        RandomAccessFile.class,
                        FileChannel.class,
                        Files.class))
                .check(classes);
    }

    private static boolean usesVirtualThreads(JavaClass each) {
        return each.getMethodCallsFromSelf().stream()
                        .anyMatch(call -> STARTS.contains(call.getTarget().getName()))
                || each.isAnnotatedWith(RunOnVirtualThread.class)
                || each.getMethods().stream().anyMatch(method -> method.isAnnotatedWith(RunOnVirtualThread.class));
    }

    private static JavaClass outermost(JavaClass each) {
        return each.getEnclosingClass().map(VirtualThreadsTest::outermost).orElse(each);
    }
}
