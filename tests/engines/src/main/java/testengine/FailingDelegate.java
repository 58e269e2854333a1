package testengine;

import org.camunda.bpm.engine.delegate.DelegateExecution;
import org.camunda.bpm.engine.delegate.JavaDelegate;
import org.springframework.stereotype.Component;

/** Throws, unless the variable `fail` is false: camunda:class or ${failingDelegate}. */
@Component
public class FailingDelegate implements JavaDelegate {

  @Override
  public void execute(DelegateExecution execution) {
    if (!Boolean.FALSE.equals(execution.getVariable("fail"))) {
      throw new IllegalStateException("failingDelegate was asked to fail");
    }
  }
}
