package testengine;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.camunda.bpm.engine.delegate.DelegateExecution;

/** How often the counting delegate and listener ran, by process definition key, since tests share an engine. */
final class Calls {

  private static final Map<String, Long> COUNTS = new ConcurrentHashMap<>();

  private Calls() {}

  static void count(DelegateExecution execution) {
    // An id is key:version:uuid, or a bare uuid where that would be longer than 64 characters.
    COUNTS.merge(execution.getProcessDefinitionId().split(":")[0], 1L, Long::sum);
  }

  static Map<String, Long> all() {
    return new TreeMap<>(COUNTS);
  }

  static void forget(String processDefinitionKey) {
    if (processDefinitionKey == null) {
      COUNTS.clear();
    } else {
      COUNTS.remove(processDefinitionKey);
    }
  }
}
