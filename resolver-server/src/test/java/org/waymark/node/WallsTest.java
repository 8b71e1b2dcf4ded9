package org.waymark.node;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Which package of the node may know which: {@code endpoint -> resolve -> registry}, and {@code cache} beside them. */
@AnalyzeClasses(packages = "org.waymark.node", importOptions = DoNotIncludeTests.class)
class WallsTest {

    private static final String ROOT = "org.waymark.node";
    private static final String CLI = "org.waymark.node.cli..";
    private static final String ENDPOINT = "org.waymark.node.endpoint..";
    private static final String RESOLVE = "org.waymark.node.resolve..";
    private static final String CACHE = "org.waymark.node.cache..";
    private static final String RECURSIVE = "org.waymark.node.recursive..";
    private static final String REGISTRY = "org.waymark.node.registry..";
    private static final String WEB = "org.waymark.node.web..";
    private static final String METRICS = "org.waymark.node.metrics..";

    @ArchTest
    static final ArchRule endpointsKnowTheChainOnly = noClasses()
            .that()
            .resideInAPackage(ENDPOINT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CACHE, RECURSIVE, REGISTRY, CLI, ROOT)
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule theChainKnowsNeitherCachesNorEndpoints = noClasses()
            .that()
            .resideInAPackage(RESOLVE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CACHE, RECURSIVE, ENDPOINT, CLI, ROOT);

    @ArchTest
    static final ArchRule cachesKnowNoEndpoints = noClasses()
            .that()
            .resideInAPackage(CACHE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(ENDPOINT, CLI, ROOT);

    @ArchTest
    static final ArchRule recursionKnowsTheChainAndTheClientOnly = noClasses()
            .that()
            .resideInAPackage(RECURSIVE)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CACHE, REGISTRY, ENDPOINT, CLI, ROOT);

    @ArchTest
    static final ArchRule theRegistryKnowsNothingAboveIt = noClasses()
            .that()
            .resideInAPackage(REGISTRY)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CACHE, RECURSIVE, RESOLVE, ENDPOINT, METRICS, CLI, ROOT);

    @ArchTest
    static final ArchRule metricsKnowNothingOfWhatTheyCount = noClasses()
            .that()
            .resideInAPackage(METRICS)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(CACHE, RECURSIVE, RESOLVE, REGISTRY, ENDPOINT, CLI, ROOT);

    @ArchTest
    static final ArchRule httpKnowsNothingOfTheNode = noClasses()
            .that()
            .resideInAPackage(WEB)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    CACHE,
                    RESOLVE,
                    REGISTRY,
                    METRICS,
                    CLI,
                    ROOT,
                    "org.waymark.node.endpoint.*..",
                    "org.waymark.identifier..",
                    "org.waymark.record..",
                    "org.waymark.trust..",
                    "org.waymark.v1..");

    @ArchTest
    static final ArchRule onlyTheRootAndTheCommandsKnowWhatOperatorsSee = noClasses()
            .that()
            .resideOutsideOfPackages("org.waymark.node.operations..", "org.waymark.node.reports..", CLI, ROOT)
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.waymark.node.operations..", "org.waymark.node.reports..");

    @ArchTest
    static final ArchRule onlyTheCacheTalksToRedis =
            classes().that().resideOutsideOfPackage(CACHE).should().onlyDependOnClassesThat(outside("io.lettuce.."));

    @ArchTest
    static final ArchRule onlyTheRegistryKnowsRocksDb = classes()
            .that()
            .resideOutsideOfPackage(REGISTRY)
            .should()
            .onlyDependOnClassesThat(outside("org.rocksdb.."));

    @ArchTest
    static final ArchRule onlyEndpointsAndHttpAndTheRootKnowNetty = classes()
            .that()
            .resideOutsideOfPackages(ENDPOINT, WEB, ROOT)
            .should()
            .onlyDependOnClassesThat(outside("io.netty.."));

    @ArchTest
    static final ArchRule onlyTheChainAndTheRootUseTheClient = classes()
            .that()
            .resideOutsideOfPackages(RESOLVE, RECURSIVE, ROOT, CLI)
            .should()
            .onlyDependOnClassesThat(outside("org.waymark.client.."));

    @ArchTest
    static final ArchRule packagesFormNoCycles =
            slices().matching("org.waymark.node.(**)").should().beFreeOfCycles();

    private static DescribedPredicate<JavaClass> outside(String packages) {
        return resideOutsideOfPackage(packages);
    }
}
