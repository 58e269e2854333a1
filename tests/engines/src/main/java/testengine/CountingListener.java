package testengine;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.ExecutionListener;
import org.springframework.stereotype.Component;

/** A listener whose calls tests can count: camunda:class or ${countingListener}. */
@Component
public class CountingListener implements ExecutionListener {

  @Override
  public void notify(DelegateExecution execution) {
    Calls.count(execution);
  }
}
