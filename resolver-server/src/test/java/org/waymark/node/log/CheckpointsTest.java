package org.waymark.node.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.waymark.identifier.Scheme;
import org.waymark.log.Checkpoint;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RocksOptions;
import org.waymark.node.registry.RocksRegistry;
import org.waymark.node.registry.Write;
import org.waymark.record.RecordDigest;
import org.waymark.record.RecordKey;
import org.waymark.trust.SigningKey;
import org.waymark.trust.Suite;
import org.waymark.v1.RecordKind;

class CheckpointsTest {

    private static final String NAME = "w.example/1";
    private static final SigningKey KEY = SigningKey.generate(Suite.ED25519);
    private static final SigningKey WITNESS = SigningKey.generate(Suite.ED25519);
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    private Path directory;

    private RocksRegistry registry;
    private Checkpoints checkpoints;

    @BeforeEach
    void start() {
        registry = RocksRegistry.open(directory, RocksOptions.defaults());
        checkpoints = new Checkpoints(
                registry.log(),
                registry,
                "vaa:88",
                List.of(KEY),
                List.of(NoteKey.ofWitness(NAME, WITNESS.verifyingKey())),
                Duration.ofMillis(1));
        checkpoints.start();
    }

    @AfterEach
    void close() {
        checkpoints.close();
        registry.close();
    }

    private void commit(int number) {
        byte[] digest = new byte[RecordDigest.BYTES];
        Arrays.fill(digest, (byte) 1);
        Write write = new Write(
                RecordKey.of(RecordKind.ITEM, Scheme.VAA, "88.1/" + number),
                1,
                ByteString.copyFrom(digest),
                ByteString.copyFromUtf8("x"),
                0,
                ByteString.EMPTY,
                List.of());
        registry.commit(List.of(write)).orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Commits a record, and waits for the checkpoint that covers it. */
    private SignedNote commitAndSign(int number) {
        commit(number);
        return await().atMost(LIMIT)
                .until(
                        checkpoints::newest,
                        newest -> newest.isPresent()
                                && Checkpoint.of(newest.get()).head().size()
                                        == registry.log().size())
                .orElseThrow();
    }

    /** The registry, whose notes can't be written while the disk is full. */
    private Registry registryOn(AtomicBoolean fullDisk) {
        return (Registry) Proxy.newProxyInstance(
                Registry.class.getClassLoader(), new Class<?>[] {Registry.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("putNote") && fullDisk.get()) {
                        throw new IllegalStateException("No space left on device");
                    }
                    try {
                        return method.invoke(registry, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static SignedNote.Signature cosignature(SignedNote note, long epochSeconds) {
        return Checkpoint.cosign(note, NAME, WITNESS, epochSeconds);
    }

    @Test
    void ofTheLinesOfOneWitnessOnlyTheFirstIsChecked() {
        SignedNote note = commitAndSign(1);
        String good = cosignature(note, 1).line();
        String bad = cosignature(new SignedNote("another\n", List.of()), 1).line();

        assertThat(checkpoints.cosign(bad + good)).contains("log.witnesses");
        assertThat(checkpoints.cosigned()).isEmpty();
        assertThat(checkpoints.cosign(good + bad)).isEmpty();
        assertThat(checkpoints.cosigned().orElseThrow().text()).isEqualTo(note.text());
    }

    @Test
    void aCheckpointOfLateMayBeCosignedAndAnOlderOneNoMore() {
        List<SignedNote> notes = new ArrayList<>();
        for (int i = 0; i <= Checkpoints.REMEMBERED; i++) {
            notes.add(commitAndSign(i));
        }

        assertThat(checkpoints.cosign(cosignature(notes.get(0), 1).line())).contains("checkpoint of late");
        assertThat(checkpoints.cosign(cosignature(notes.get(1), 1).line())).isEmpty();
        assertThat(checkpoints.cosigned().orElseThrow().text())
                .isEqualTo(notes.get(1).text());
    }

    @Test
    void afterAFailureSigningIsTriedAgain() {
        checkpoints.close();
        AtomicBoolean fullDisk = new AtomicBoolean(true);
        checkpoints = new Checkpoints(
                registry.log(), registryOn(fullDisk), "vaa:88", List.of(KEY), List.of(), Duration.ofMillis(1));
        checkpoints.start();
        commit(1);
        await().atMost(LIMIT).until(() -> checkpoints.fault().isPresent());
        assertThat(checkpoints.fault()).hasValue("No space left on device");

        fullDisk.set(false);

        commitAndSign(2);
        await().atMost(LIMIT).until(() -> checkpoints.fault().isEmpty());
    }
}
