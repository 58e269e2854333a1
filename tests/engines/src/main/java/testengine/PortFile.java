package testengine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.context.WebServerInitializedEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Writes the port that the system chose to the file test.port-file, so that no starter has to guess a free one. */
@Component
@ConditionalOnProperty("test.port-file")
public class PortFile {

  private final Path file;

  public PortFile(@Value("${test.port-file}") Path file) {
    this.file = file;
  }

  @EventListener
  public void started(WebServerInitializedEvent event) throws IOException {
    Path unfinished = file.resolveSibling(file.getFileName() + ".unfinished");
    Files.writeString(unfinished, String.valueOf(event.getWebServer().getPort()));
    Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
