package txmsg.peer;

import com.fasterxml.jackson.databind.JsonNode;
import io.seata.core.context.RootContext;
import io.seata.rm.DefaultResourceManager;
import io.seata.rm.tcc.TCCResource;
import io.seata.rm.tcc.api.BusinessActionContext;
import io.seata.rm.tcc.api.TwoPhaseBusinessAction;
import java.lang.reflect.Method;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** What a container of Spring would do around an action: announce it, fence it, and register a branch before it runs. */
final class TccBranches {
  private static final Class<?>[] SECOND_PHASE = {BusinessActionContext.class};

  private final StatementsAction action;
  private final Method tryMethod;

  TccBranches(DataSource dataSource, String applicationId) {
    action = new StatementsAction(dataSource);
    tryMethod = method("tryIt", BusinessActionContext.class, String.class, String.class, String.class);
    SeataTcc.fenceWith(dataSource, new TransactionTemplate(new DataSourceTransactionManager(dataSource)));
    DefaultResourceManager.get().registerResource(resource(applicationId));
  }

  void tryAction(JsonNode request) throws Throwable {
    Object[] arguments = {
      null, request.get("try").toString(), request.get("confirm").toString(), request.get("cancel").toString()
    };
    TwoPhaseBusinessAction annotation = tryMethod.getAnnotation(TwoPhaseBusinessAction.class);
    String xid = RootContext.getXID();
    SeataTcc.proceed(tryMethod, arguments, xid, annotation, () -> tryMethod.invoke(action, arguments));
  }

  private TCCResource resource(String applicationId) {
    TCCResource resource = new TCCResource();
    resource.setActionName(StatementsAction.NAME);
    resource.setAppName(applicationId);
    resource.setTargetBean(action);
    resource.setPrepareMethod(tryMethod);
    resource.setCommitMethodName("confirm");
    resource.setCommitMethod(method("confirm", SECOND_PHASE));
    resource.setCommitArgsClasses(SECOND_PHASE);
    resource.setPhaseTwoCommitKeys(new String[1]);
    resource.setRollbackMethodName("cancel");
    resource.setRollbackMethod(method("cancel", SECOND_PHASE));
    resource.setRollbackArgsClasses(SECOND_PHASE);
    resource.setPhaseTwoRollbackKeys(new String[1]);
    return resource;
  }

  private static Method method(String name, Class<?>... parameters) {
    try {
      return StatementsAction.class.getMethod(name, parameters);
    } catch (NoSuchMethodException error) {
      throw new IllegalStateException(error);
    }
  }
}
