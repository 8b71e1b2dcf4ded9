package org.waymark.node.endpoint.handle;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RequestDecoderTest {

    private static ResponseCode refusal(byte[] message) {
        HandleRequest request = Messages.decode(message);
        assertThat(request.refusal()).isNotNull();
        assertThat(request.refusal().message()).isNotBlank();
        return request.refusal().code();
    }

    private static byte[] with(int offset, int value) {
        byte[] message = Messages.GOLDEN_REQUEST.clone();
        ByteBuffer.wrap(message).putInt(offset, value);
        return message;
    }

    @Test
    void theOfficialClientsRequestIsRead() {
        HandleRequest request = Messages.decode(Messages.GOLDEN_REQUEST);

        assertThat(request.refusal()).isNull();
        assertThat(request.version()).isEqualTo(0x0203);
        assertThat(request.requestId()).isEqualTo(0x30AA_E4BB);
        assertThat(request.opCode()).isEqualTo(OpCode.RESOLVE);
        assertThat(request.opFlags()).isEqualTo(Messages.USUAL_FLAGS);
        assertThat(request.serial()).isEqualTo(0xFFFF);
        assertThat(request.handle()).isEqualTo("88.118/PART7".getBytes(UTF_8));
        assertThat(request.filter().isAll()).isTrue();
        assertThat(request.digest()).isNull();
    }

    @Property(tries = 300)
    void whatIsWrittenIsRead(
            @ForAll @StringLength(max = 300) String handle,
            @ForAll @Size(max = 20) List<Integer> indexes,
            @ForAll @Size(max = 20) List<@StringLength(max = 30) String> types,
            @ForAll @IntRange(max = 8) int trailing) {
        byte[] name = handle.getBytes(UTF_8);
        ByteBuffer body = ByteBuffer.allocate(16_384);
        body.putInt(name.length).put(name).putInt(indexes.size());
        indexes.forEach(body::putInt);
        body.putInt(types.size());
        types.forEach(type -> body.putInt(type.getBytes(UTF_8).length).put(type.getBytes(UTF_8)));
        byte[] written = Arrays.copyOf(body.array(), body.position() + trailing);

        HandleRequest request = Messages.decode(Messages.message(7, OpCode.RESOLVE, OpFlags.REQUEST_DIGEST, written));

        boolean typesFit = types.stream().allMatch(type -> type.getBytes(UTF_8).length <= 129);
        assertThat(request.refusal() == null).isEqualTo(typesFit);
        assertThat(request.handle()).isEqualTo(name);
        if (typesFit) {
            assertThat(request.filter().indexes())
                    .containsExactly(indexes.stream().mapToInt(i -> i).toArray());
            assertThat(request.filter().types())
                    .isDeepEqualTo(
                            types.stream().map(type -> type.getBytes(UTF_8)).toArray(byte[][]::new));
        }
    }

    @Test
    void theDigestIsOfHeaderAndBody() throws Exception {
        byte[] message = Messages.resolve(1, OpFlags.REQUEST_DIGEST, "88.118/PART7");

        byte[] expected =
                MessageDigest.getInstance("SHA-1").digest(Arrays.copyOfRange(message, 20, message.length - 4));

        assertThat(Messages.decode(message).digest()).isEqualTo(expected);
    }

    @Test
    void countsAndLengthsAreCheckedBeforeAnythingIsMade() {
        int bodyAt = MessageWriter.BODY_AT;
        assertThat(refusal(with(40, 0x7FFF_FFFF))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(40, -1))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt, 0x7FFF_FFFF))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt, -1))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt + 16, 0x7FFF_FFFF))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt + 16, 200))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt + 20, 257))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(bodyAt + 20, -5))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(Messages.resolve(1, "88.118/" + "x".repeat(2_048))))
                .isEqualTo(ResponseCode.INVALID_IDENTIFIER);
    }

    @Test
    void whatThisFaceDoesNotDoIsRefusedByItsCode() {
        assertThat(refusal(with(20, 105))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(20, 400))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(20, 2_001))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(28, OpFlags.ENCRYPT))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(0, 0x020B_420B))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(0, 0x020B_820B))).isEqualTo(ResponseCode.NOT_SUPPORTED);
        assertThat(refusal(with(0, 0x010B_020B))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(0, 0x0400_020B))).isEqualTo(ResponseCode.PROTOCOL_ERROR);
        assertThat(refusal(with(32, 0xFFFF_0B00))).isEqualTo(ResponseCode.RECURSION_LIMIT);
        assertThat(refusal(new byte[Envelope.BYTES + 23])).isEqualTo(ResponseCode.PROTOCOL_ERROR);
    }

    @Test
    void theOfficialClientsCreationIsRead() {
        byte[] body = Messages.hex("""
                0000000a 38382e3131382e382f58 00000002
                00000001 00000000 00 00015180 0e 00000003 55524c 00000008 687474703a2f2f78 00000000
                00000064 00000000 00 00015180 0e 00000008 48535f41444d494e 00000001 01 00000000""");

        HandleRequest request = Messages.decode(Messages.message(7, OpCode.CREATE, OpFlags.OVERWRITE, body));

        assertThat(request.refusal()).isNull();
        assertThat(request.handle()).isEqualTo("88.118.8/X".getBytes(UTF_8));
        Edit.Create create = (Edit.Create) ((HandleRequest.Task.Change) request.task()).edit();
        assertThat(create.overwrites()).isTrue();
        assertThat(create.values()).extracting(EditedValue::type).containsExactly("URL", "HS_ADMIN");
        assertThat(create.values()).extracting(EditedValue::index).containsExactly(1L, 100L);
        assertThat(create.values().get(0))
                .isEqualTo(new EditedValue(1, 0, 86_400, 0b1110, "URL", ByteString.copyFromUtf8("http://x"), false));
        for (int cut = 0; cut < body.length; cut++) {
            assertThat(refusal(Messages.message(7, OpCode.CREATE, 0, Arrays.copyOf(body, cut))))
                    .isEqualTo(ResponseCode.PROTOCOL_ERROR);
        }
    }

    @Test
    void anAnswerIsInTheVersionOfItsRequest() {
        assertThat(Envelope.answerVersion(0x0203)).isEqualTo(0x0203);
        assertThat(Envelope.answerVersion(0x020B)).isEqualTo(0x020B);
        assertThat(Envelope.answerVersion(0x020C)).isEqualTo(0x020B);
        assertThat(Envelope.answerVersion(0x0300)).isEqualTo(0x0300);
        assertThat(Envelope.answerVersion(0x0305)).isEqualTo(0x0300);
        assertThat(Envelope.answerVersion(0x0100)).isEqualTo(0x0200);
    }
}
