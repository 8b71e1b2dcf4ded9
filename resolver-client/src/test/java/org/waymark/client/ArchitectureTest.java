package org.waymark.client;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "org.waymark.client", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule theSdkNeedsNothingOfTheCommand = noClasses()
            .that()
            .resideOutsideOfPackage("org.waymark.client.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.waymark.client.cli..", "picocli..", "com.fasterxml.jackson..");

    @ArchTest
    static final ArchRule theCommandSpeaksThroughTheSdk = noClasses()
            .that()
            .resideInAPackage("org.waymark.client.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");
}
