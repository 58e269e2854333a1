package testengine;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.springframework.stereotype.Component;

/** A side effect that tests can count: camunda:class or ${countingDelegate}. */
@Component
public class CountingDelegate implements JavaDelegate {

  @Override
  public void execute(DelegateExecution execution) {
    Calls.count(execution);
  }
}
