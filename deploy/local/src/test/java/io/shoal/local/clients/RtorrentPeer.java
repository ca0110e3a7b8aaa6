package io.shoal.local.clients;

import io.shoal.local.hosts.Hosts;
import io.shoal.local.peers.OutsidePeer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** rtorrent on a host of its own, with DHT and PEX off (it has no local discovery); asked over its SCGI socket. */
public final class RtorrentPeer implements OutsidePeer {
    private static final Pattern NUMBER = Pattern.compile("<i[48]>(-?\\d+)</i[48]>");
    private static final String QUESTION = """
            <?xml version="1.0"?><methodCall><methodName>d.multicall2</methodName><params>\
            <param><value><string></string></value></param><param><value><string>main</string></value></param>\
            <param><value><string>d.complete=</string></value></param>\
            <param><value><string>d.down.total=</string></value></param>\
            <param><value><string>d.up.total=</string></value></param></params></methodCall>""";

    private final Process process;
    private final Path socket;

    private RtorrentPeer(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /**
     * @param torrent a .torrent file
     * @param folder where its content lies or shall lie
     * @param config a folder for rtorrent itself; its path must be short, because a socket lies in it
     */
    public static RtorrentPeer start(Hosts.Host host, Path torrent, Path folder, Path config) throws IOException {
        Path socket = config.resolve("s");
        Path commands = Files.writeString(config.resolve("rc"), """
                system.daemon.set = true
                session.path.set = %s
                directory.default.set = %s
                network.scgi.open_local = %s
                network.bind_address.set = %s
                network.port_range.set = 6890-6890
                network.port_random.set = no
                dht.mode.set = disable
                protocol.pex.set = no
                trackers.use_udp.set = yes
                load.start = %s
                """.formatted(
                        Files.createDirectories(config.resolve("session")), folder, socket, host.address(), torrent));
        List<String> command = host.command(List.of("rtorrent", "-n", "-o", "import=" + commands));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("TERM", "dumb");
        Process process = builder.redirectErrorStream(true)
                .redirectOutput(config.resolve("log").toFile())
                .start();
        return new RtorrentPeer(process, socket);
    }

    @Override
    public String name() {
        return "rtorrent";
    }

    @Override
    public Progress progress() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("rtorrent has ended with exit code " + process.exitValue());
        }
        if (!Files.exists(socket)) {
            return new Progress(false, 0, 0);
        }
        String answer;
        try {
            answer = ask();
        } catch (ConnectException e) {
            // The socket's file is there a moment before anybody listens.
            return new Progress(false, 0, 0);
        }
        List<Long> numbers = new ArrayList<>();
        Matcher matcher = NUMBER.matcher(answer);
        while (matcher.find()) {
            numbers.add(Long.parseLong(matcher.group(1)));
        }
        return numbers.size() < 3
                ? new Progress(false, 0, 0)
                : new Progress(numbers.get(0) == 1, numbers.get(1), numbers.get(2));
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(15, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private String ask() throws IOException {
        byte[] body = QUESTION.getBytes(StandardCharsets.UTF_8);
        String headers = "CONTENT_LENGTH\0" + body.length + "\0SCGI\0001\0";
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        request.writeBytes((headers.length() + ":" + headers + ",").getBytes(StandardCharsets.US_ASCII));
        request.writeBytes(body);
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            ByteBuffer out = ByteBuffer.wrap(request.toByteArray());
            while (out.hasRemaining()) {
                channel.write(out);
            }
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer in = ByteBuffer.allocate(1 << 14);
            while (channel.read(in) >= 0) {
                answer.write(in.array(), 0, in.position());
                in.clear();
            }
            return answer.toString(StandardCharsets.UTF_8);
        }
    }
}
