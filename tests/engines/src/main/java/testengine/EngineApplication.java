package testengine;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;

/** One process engine with its REST API on a database in memory, for tests. */
@SpringBootApplication
public class EngineApplication {

  private static final String PARENT = "--test.parent-pid=";

  public static void main(String[] arguments) {
    for (String argument : arguments) {
      if (argument.startsWith(PARENT)) {
        endWith(Long.parseLong(argument.substring(PARENT.length())));
      }
    }
    SpringApplication.run(EngineApplication.class, arguments);
  }

  /** Ends this engine when that process is gone, also after a kill -9 that lets nobody clean up. */
  private static void endWith(long pid) {
    ProcessHandle.of(pid)
        .map(ProcessHandle::onExit)
        .ifPresentOrElse(
            gone -> gone.thenRun(() -> Runtime.getRuntime().halt(0)),
            () -> Runtime.getRuntime().halt(0));
  }
}
