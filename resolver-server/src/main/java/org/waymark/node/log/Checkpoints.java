package org.waymark.node.log;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.waymark.log.Checkpoint;
import org.waymark.log.LogFormatException;
import org.waymark.log.NoteKey;
import org.waymark.log.SignedNote;
import org.waymark.log.TiledTree;
import org.waymark.node.registry.Registry;
import org.waymark.node.registry.RegistryClosedException;
import org.waymark.node.registry.RegistryException;
import org.waymark.node.registry.RegistryLog;
import org.waymark.trust.SigningKey;

/**
 * Signs the state of the log, on a thread of its own, and keeps what was signed in the registry. It never signs a state that does not
 * continue the last one: a registry that was changed while the node was down gets no checkpoint. Safe for use by many threads.
 */
public final class Checkpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Checkpoints.class);

    private static final String NEWEST = "log/checkpoint";
    private static final String COSIGNED = "log/cosigned";
    /** Witnesses may take as many checkpoints to answer; a line that is of none of them is checked against each. */
    static final int REMEMBERED = 16;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** What a line says of the key that made it. */
    private record Signer(String name, int id) {}

    private final RegistryLog log;
    private final Registry registry;
    private final String origin;
    private final List<SigningKey> keys;
    private final Map<Signer, NoteKey> witnesses;
    private final Duration every;
    private final Thread thread = new Thread(this::work, "log-signer");
    /** By their text, the newest last. */
    private final Map<String, SignedNote> recent = new LinkedHashMap<>();

    private volatile SignedNote newest;
    private volatile SignedNote cosigned;
    /** Null where the last checkpoint could be signed. */
    private volatile String fault;

    private volatile boolean closed;

    /**
     * @param registry whose log it is, for what is kept
     * @param prefix {@code scheme:prefix} of what the node stands for; empty where it stands for nothing
     * @param keys 1 or more
     * @param witnesses whose cosignatures are kept
     * @param every at most so often is a checkpoint signed
     */
    public Checkpoints(
            RegistryLog log,
            Registry registry,
            String prefix,
            List<SigningKey> keys,
            List<NoteKey> witnesses,
            Duration every) {
        this.log = log;
        this.registry = registry;
        this.origin = Checkpoint.origin(prefix, registry.incarnation());
        this.keys = List.copyOf(keys);
        this.witnesses = witnesses.stream()
                .collect(Collectors.toUnmodifiableMap(
                        key -> new Signer(key.name(), key.id()), key -> key, (first, again) -> first));
        this.every = every;
        thread.setDaemon(true);
    }

    /** Reads what was signed before, and begins to sign. */
    public void start() {
        newest = kept(NEWEST).orElse(null);
        cosigned = kept(COSIGNED).orElse(null);
        if (newest == null || continues(Checkpoint.of(newest))) {
            thread.start();
        }
    }

    private Optional<SignedNote> kept(String name) {
        return registry.note(name)
                .map(bytes -> SignedNote.parse(bytes.toByteArray()))
                .filter(note -> Checkpoint.of(note).origin().equals(origin));
    }

    private boolean continues(Checkpoint last) {
        long size = last.head().size();
        boolean holds;
        try {
            holds = size <= log.size() && new TiledTree(log, size).head().equals(last.head());
        } catch (RegistryException e) {
            LOG.atError().setCause(e).log("the log can't be read");
            holds = false;
        }
        if (!holds) {
            LOG.atError()
                    .addKeyValue("signed", size)
                    .addKeyValue("commits", log.size())
                    .log("the registry is not the one that its last checkpoint was signed of: records were changed or"
                            + " taken back while the node was down. No further checkpoint is signed");
        }
        return holds;
    }

    private void work() {
        try {
            while (!closed) {
                try {
                    long signed =
                            newest == null ? -1 : Checkpoint.of(newest).head().size();
                    if (signed < 0 || log.size() > signed || registry.awaitChange(signed, PATIENCE)) {
                        sign();
                        fault = null;
                        Thread.sleep(every.toMillis());
                    }
                } catch (RegistryClosedException e) {
                    throw e;
                } catch (RuntimeException e) {
                    LOG.atError().setCause(e).log("signing a checkpoint failed; it is tried again");
                    fault = String.valueOf(e.getMessage());
                    Thread.sleep(Math.max(every.toMillis(), PATIENCE.toMillis()));
                }
            }
        } catch (InterruptedException | RegistryClosedException e) {
            LOG.atDebug().log("no more checkpoints are signed");
        }
    }

    private void sign() {
        SignedNote note = new Checkpoint(origin, log.head()).sign(keys);
        synchronized (recent) {
            // With the lock, so that a cosignature of the one before does not take its place in the registry.
            registry.putNote(NEWEST, ByteString.copyFrom(note.encoded()));
            recent.put(note.text(), note);
            if (recent.size() > REMEMBERED) {
                recent.remove(recent.keySet().iterator().next());
            }
            newest = note;
        }
    }

    /** Why the last attempt to sign a checkpoint failed; empty where it did not. */
    public Optional<String> fault() {
        return Optional.ofNullable(fault);
    }

    /** The newest checkpoint; empty before the first. */
    Optional<SignedNote> newest() {
        return Optional.ofNullable(newest);
    }

    /** The newest checkpoint that a witness has cosigned. */
    Optional<SignedNote> cosigned() {
        return Optional.ofNullable(cosigned);
    }

    /**
     * Adds cosignatures, each to the checkpoint that it is of. Those of witnesses that are not known are passed over, and of several
     * lines of one witness all but the first: anybody may send lines, and each that is checked costs time.
     *
     * @param lines of signatures
     * @return what is wrong, for people; empty where at least one was taken
     */
    String cosign(String lines) {
        Map<Signer, SignedNote.Signature> firsts = new LinkedHashMap<>();
        try {
            for (SignedNote.Signature signature : SignedNote.parseLines(lines)) {
                Signer signer = new Signer(signature.name(), signature.id());
                if (witnesses.containsKey(signer)) {
                    firsts.putIfAbsent(signer, signature);
                }
            }
        } catch (LogFormatException e) {
            return e.getMessage();
        }
        List<SignedNote> candidates = candidates();
        boolean isTaken = false;
        for (Map.Entry<Signer, SignedNote.Signature> first : firsts.entrySet()) {
            List<NoteKey> witness = List.of(witnesses.get(first.getKey()));
            for (SignedNote candidate : candidates) {
                if (isOf(candidate, first.getValue(), witness)) {
                    isTaken |= add(candidate.text(), first.getValue());
                    break;
                }
            }
        }
        return isTaken
                ? ""
                : "none of these is the cosignature of a witness that log.witnesses names, for a checkpoint of late";
    }

    /** The checkpoints that may be cosigned, the newest first. */
    private List<SignedNote> candidates() {
        List<SignedNote> candidates;
        synchronized (recent) {
            candidates = new ArrayList<>(recent.values());
            newest().filter(note -> !recent.containsKey(note.text())).ifPresent(candidates::add);
        }
        Collections.reverse(candidates);
        return candidates;
    }

    private static boolean isOf(SignedNote note, SignedNote.Signature signature, List<NoteKey> witness) {
        try {
            return !new SignedNote(note.text(), List.of(signature))
                    .verify(witness)
                    .isEmpty();
        } catch (LogFormatException e) {
            // Of another checkpoint.
            return false;
        }
    }

    private boolean add(String text, SignedNote.Signature signature) {
        synchronized (recent) {
            SignedNote note = recent.getOrDefault(text, newest);
            boolean isThere = note.signatures().stream()
                    .anyMatch(known -> known.name().equals(signature.name()) && known.id() == signature.id());
            if (isThere) {
                return true;
            }
            SignedNote more = note.with(List.of(signature));
            recent.replace(text, more);
            if (newest.text().equals(text)) {
                newest = more;
                registry.putNote(NEWEST, ByteString.copyFrom(more.encoded()));
            }
            if (cosigned == null || size(more) >= size(cosigned)) {
                cosigned = more;
                registry.putNote(COSIGNED, ByteString.copyFrom(more.encoded()));
            }
            return true;
        }
    }

    private static long size(SignedNote note) {
        return Checkpoint.of(note).head().size();
    }

    /** Signs no more. What was committed since the last checkpoint is in the first one after the next start. */
    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
