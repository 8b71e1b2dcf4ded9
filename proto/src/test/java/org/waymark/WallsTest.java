package org.waymark;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import org.waymark.record.HashFunction;

/** Which room may use which. */
@AnalyzeClasses(packages = "org.waymark", importOptions = ImportOption.DoNotIncludeTests.class)
class WallsTest {

    @ArchTest
    static final ArchRule identifierStandsByItself = noClasses()
            .that()
            .resideInAPackage("org.waymark.identifier")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.waymark.record", "org.waymark.trust", "org.waymark.wire", "org.waymark.v1");

    @ArchTest
    static final ArchRule recordsKnowNoSignatures = noClasses()
            .that()
            .resideInAPackage("org.waymark.record")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.waymark.trust", "org.waymark.wire");

    @ArchTest
    static final ArchRule trustKnowsNoWire = noClasses()
            .that()
            .resideInAPackage("org.waymark.trust")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.waymark.wire");

    @ArchTest
    static final ArchRule theWireKnowsNoRecords = noClasses()
            .that()
            .resideInAPackage("org.waymark.wire")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.waymark.identifier", "org.waymark.record", "org.waymark.trust");

    @ArchTest
    static final ArchRule onlyTheWireKnowsNetty = noClasses()
            .that()
            .resideOutsideOfPackage("org.waymark.wire")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule onlyTrustAndTheHashKnowTheCryptographicLibrary = noClasses()
            .that()
            .resideOutsideOfPackage("org.waymark.trust")
            .and()
            .doNotBelongToAnyOf(HashFunction.class)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.bouncycastle..");

    @ArchTest
    static final ArchRule noRoomsGoInCircles =
            slices().matching("org.waymark.(*)..").should().beFreeOfCycles();
}
