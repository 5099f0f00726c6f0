import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.servlet.ServletContextHandler;
import org.eclipse.jetty.servlet.ServletHolder;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.context.support.GenericWebApplicationContext;
import org.springframework.web.servlet.DispatcherServlet;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerAdapter;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import org.springframework.web.servlet.mvc.method.annotation.SseEmitter;

/** Spring's SseEmitter on Jetty: java -cp JARS SpringWriter.java PACKAGE CASES */
public class SpringWriter {
    /** Each block: comment, id, type, retry, data. */
    private static final List<List<String[]>> STREAMS = new ArrayList<>();

    @Controller
    public static class Streams {
        @RequestMapping("/{number}")
        public SseEmitter stream(@PathVariable("number") int number) {
            SseEmitter emitter = new SseEmitter(60_000L);
            new Thread(() -> send(STREAMS.get(number), emitter)).start();
            return emitter;
        }
    }

    private static void send(List<String[]> blocks, SseEmitter emitter) {
        try {
            for (String[] block : blocks) {
                emitter.send(event(block));
            }
            emitter.complete();
        } catch (Exception error) {
            emitter.completeWithError(error);
        }
    }

    private static SseEmitter.SseEventBuilder event(String[] block) {
        SseEmitter.SseEventBuilder event = SseEmitter.event();
        if (block[0] != null) event.comment(block[0]);
        if (block[1] != null) event.id(block[1]);
        if (block[2] != null) event.name(block[2]);
        if (block[3] != null) event.reconnectTime(Long.parseLong(block[3]));
        if (block[4] != null) event.data(block[4], new MediaType("text", "plain", StandardCharsets.UTF_8));
        return event;
    }

    /** A line is a block, its fields in hexadecimal or "-"; an empty line ends a stream. */
    private static void read(String file) throws Exception {
        List<String[]> blocks = new ArrayList<>();
        for (String line : Files.readAllLines(Paths.get(file))) {
            if (line.isEmpty()) {
                STREAMS.add(blocks);
                blocks = new ArrayList<>();
                continue;
            }
            String[] fields = line.split("\t", -1);
            for (int i = 0; i < fields.length; i++) {
                byte[] text = fields[i].equals("-") ? null : HexFormat.of().parseHex(fields[i]);
                fields[i] = text == null ? null : new String(text, StandardCharsets.UTF_8);
            }
            blocks.add(fields);
        }
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("org.eclipse.jetty.LEVEL", "WARN");
        System.setProperty("org.eclipse.jetty.util.log.announce", "false");
        java.util.logging.Logger.getLogger("").setLevel(java.util.logging.Level.WARNING);
        read(arguments[1]);

        GenericWebApplicationContext context = new GenericWebApplicationContext();
        context.registerBeanDefinition("streams", new RootBeanDefinition(Streams.class));
        context.registerBeanDefinition("mapping", new RootBeanDefinition(RequestMappingHandlerMapping.class));
        context.registerBeanDefinition("adapter", new RootBeanDefinition(RequestMappingHandlerAdapter.class));

        ServletHolder servlet = new ServletHolder(new DispatcherServlet(context));
        servlet.setAsyncSupported(true);
        ServletContextHandler handler = new ServletContextHandler();
        handler.addServlet(servlet, "/");

        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(handler);
        server.start();
        System.out.println(connector.getLocalPort());
        server.join();
    }
}
