package testengine;

import static org.camunda.bpm.engine.authorization.Authorization.ANY;
import static org.camunda.bpm.engine.authorization.Authorization.AUTH_TYPE_GRANT;

import java.util.List;
import org.camunda.bpm.engine.AuthorizationService;
import org.camunda.bpm.engine.IdentityService;
import org.camunda.bpm.engine.ProcessEngine;
import org.camunda.bpm.engine.authorization.Authorization;
import org.camunda.bpm.engine.authorization.BatchPermissions;
import org.camunda.bpm.engine.authorization.Groups;
import org.camunda.bpm.engine.authorization.Permission;
import org.camunda.bpm.engine.authorization.Permissions;
import org.camunda.bpm.engine.authorization.ProcessDefinitionPermissions;
import org.camunda.bpm.engine.authorization.Resource;
import org.camunda.bpm.engine.authorization.Resources;
import org.camunda.bpm.engine.identity.Group;
import org.camunda.bpm.engine.identity.User;
import org.camunda.bpm.engine.impl.cfg.ProcessEngineConfigurationImpl;
import org.camunda.bpm.engine.rest.security.auth.ProcessEngineAuthenticationFilter;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Basic authentication, authorizations and the users of the tests; a user's password is its id. */
@Configuration
@ConditionalOnProperty("test.authentication")
public class AuthenticationConfiguration {

  private static final List<Permission> READ =
      List.of(
          ProcessDefinitionPermissions.READ,
          ProcessDefinitionPermissions.READ_INSTANCE,
          ProcessDefinitionPermissions.READ_HISTORY);

  @Bean
  public FilterRegistrationBean<ProcessEngineAuthenticationFilter> authenticationFilter() {
    var registration = new FilterRegistrationBean<>(new ProcessEngineAuthenticationFilter());
    registration.addInitParameter(
        "authentication-provider",
        "org.camunda.bpm.engine.rest.security.auth.impl.HttpBasicAuthenticationProvider");
    registration.addUrlPatterns("/engine-rest/*");
    registration.setOrder(1);
    return registration;
  }

  /** Runs before the port opens, so that an engine that answers has its users. */
  @Bean
  public SmartInitializingSingleton testUsers(ProcessEngine engine) {
    return () -> {
      IdentityService identities = engine.getIdentityService();
      AuthorizationService authorizations = engine.getAuthorizationService();
      var configuration = (ProcessEngineConfigurationImpl) engine.getProcessEngineConfiguration();
      administrator(identities, authorizations, configuration.getAdminGroups().get(0));
      for (String id : List.of("operator", "reader", "nobody")) {
        user(identities, id);
      }
      grant(authorizations, "operator", Resources.PROCESS_DEFINITION, READ);
      grant(
          authorizations,
          "operator",
          Resources.PROCESS_DEFINITION,
          List.of(ProcessDefinitionPermissions.MIGRATE_INSTANCE));
      grant(
          authorizations,
          "operator",
          Resources.BATCH,
          List.of(
              BatchPermissions.CREATE_BATCH_MIGRATE_PROCESS_INSTANCES,
              BatchPermissions.READ,
              BatchPermissions.UPDATE,
              BatchPermissions.DELETE,
              BatchPermissions.READ_HISTORY));
      grant(authorizations, "reader", Resources.PROCESS_DEFINITION, READ);
    };
  }

  private static void administrator(
      IdentityService identities, AuthorizationService authorizations, String groupId) {
    user(identities, "admin");
    Group group = identities.newGroup(groupId);
    group.setName("Administrators");
    group.setType(Groups.GROUP_TYPE_SYSTEM);
    identities.saveGroup(group);
    identities.createMembership("admin", groupId);
    for (Resource resource : Resources.values()) {
      grant(authorizations, "admin", resource, List.of(Permissions.ALL));
    }
  }

  private static void user(IdentityService identities, String id) {
    User user = identities.newUser(id);
    user.setPassword(id);
    identities.saveUser(user);
  }

  private static void grant(
      AuthorizationService authorizations, String userId, Resource resource, List<Permission> permissions) {
    Authorization authorization =
        authorizations
            .createAuthorizationQuery()
            .userIdIn(userId)
            .resourceType(resource)
            .resourceId(ANY)
            .singleResult();
    if (authorization == null) {
      authorization = authorizations.createNewAuthorization(AUTH_TYPE_GRANT);
      authorization.setUserId(userId);
      authorization.setResource(resource);
      authorization.setResourceId(ANY);
    }
    permissions.forEach(authorization::addPermission);
    authorizations.saveAuthorization(authorization);
  }
}
