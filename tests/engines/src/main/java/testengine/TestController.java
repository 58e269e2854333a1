package testengine;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.camunda.bpm.engine.ManagementService;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.RuntimeService;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.runtime.Job;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** What tests need and the engine's REST API has not, or only one request at a time. */
@RestController
@RequestMapping("/test")
public class TestController {

  /** Instances of one transaction: larger ones only make the engine's cache slower. */
  private static final int CHUNK = 500;

  private final RuntimeService runtime;
  private final ManagementService management;
  private final ProcessEngineConfigurationImpl configuration;

  public TestController(ProcessEngine engine) {
    this.runtime = engine.getRuntimeService();
    this.management = engine.getManagementService();
    this.configuration = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
  }

  public record StartRequest(
      String processDefinitionId, int count, String businessKeyPrefix, Map<String, Object> variables) {}

  /** Starts instances inside the engine; their ids come in the order of their business keys' numbers, from 0. */
  @PostMapping("/start")
  public List<String> start(@RequestBody StartRequest request) {
    List<String> ids = new ArrayList<>(request.count());
    while (ids.size() < request.count()) {
      int first = ids.size();
      int end = Math.min(first + CHUNK, request.count());
      ids.addAll(
          configuration.getCommandExecutorTxRequired().execute(context -> start(request, first, end)));
    }
    return ids;
  }

  private List<String> start(StartRequest request, int first, int end) {
    List<String> ids = new ArrayList<>(end - first);
    for (int number = first; number < end; number++) {
      String prefix = request.businessKeyPrefix();
      String businessKey = prefix == null ? null : prefix + number;
      Map<String, Object> variables = new HashMap<>();
      if (request.variables() != null) {
        variables.putAll(request.variables());
      }
      ids.add(
          runtime.startProcessInstanceById(request.processDefinitionId(), businessKey, variables).getId());
    }
    return ids;
  }

  /** Calls of the counting delegate and listener, by process definition key. */
  @GetMapping("/calls")
  public Map<String, Long> calls() {
    return Calls.all();
  }

  @DeleteMapping("/calls")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void forgetCalls(@RequestParam(required = false) String processDefinitionKey) {
    Calls.forget(processDefinitionKey);
  }

  public record JobExecutorRequest(boolean active) {}

  @PostMapping("/job-executor")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void jobExecutor(@RequestBody JobExecutorRequest request) {
    if (request.active()) {
      configuration.getJobExecutor().start();
    } else {
      configuration.getJobExecutor().shutdown();
    }
  }

  public record Settings(Integer invocationsPerBatchJob, Integer batchJobsPerSeed, Integer batchPollTime) {}

  @GetMapping("/settings")
  public Settings settings() {
    return new Settings(
        configuration.getInvocationsPerBatchJob(),
        configuration.getBatchJobsPerSeed(),
        configuration.getBatchPollTime());
  }

  /** Changes the settings that are named, and answers what they were before. */
  @PutMapping("/settings")
  public Settings settings(@RequestBody Settings settings) {
    Settings before = settings();
    if (settings.invocationsPerBatchJob() != null) {
      configuration.setInvocationsPerBatchJob(settings.invocationsPerBatchJob());
    }
    if (settings.batchJobsPerSeed() != null) {
      configuration.setBatchJobsPerSeed(settings.batchJobsPerSeed());
    }
    if (settings.batchPollTime() != null) {
      configuration.setBatchPollTime(settings.batchPollTime());
    }
    return before;
  }

  public record InvocationsRequest(int value) {}

  @PutMapping("/invocations-per-batch-job")
  @ResponseStatus(HttpStatus.NO_CONTENT)
  public void invocationsPerBatchJob(@RequestBody InvocationsRequest request) {
    configuration.setInvocationsPerBatchJob(request.value());
  }

  /** Runs one round of an instance's jobs in this request; a job that fails does not stop the others. */
  @PostMapping("/execute-jobs")
  public Map<String, Integer> executeJobs(@RequestParam String processInstanceId) {
    int executed = 0;
    int failed = 0;
    for (Job job : management.createJobQuery().processInstanceId(processInstanceId).list()) {
      try {
        management.executeJob(job.getId());
        executed++;
      } catch (RuntimeException failure) {
        failed++;
      }
    }
    return Map.of("executed", executed, "failed", failed);
  }

  /** A test wants the cause and not a page. */
  @ExceptionHandler
  @ResponseStatus(HttpStatus.INTERNAL_SERVER_ERROR)
  public Map<String, String> failure(RuntimeException failure) {
    return Map.of("type", failure.getClass().getSimpleName(), "message", String.valueOf(failure.getMessage()));
  }
}
