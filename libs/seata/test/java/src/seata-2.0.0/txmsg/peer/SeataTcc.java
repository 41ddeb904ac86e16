package txmsg.peer;

import io.seata.common.Constants;
import io.seata.common.executor.Callback;
import io.seata.core.model.BranchType;
import io.seata.integration.tx.api.fence.DefaultCommonFenceHandler;
import io.seata.integration.tx.api.interceptor.ActionInterceptorHandler;
import io.seata.integration.tx.api.interceptor.TwoPhaseBusinessActionParam;
import io.seata.rm.fence.SpringFenceHandler;
import io.seata.rm.tcc.api.TwoPhaseBusinessAction;
import java.lang.reflect.Method;
import java.util.HashMap;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** What differs between the versions of Seata's TCC: 2.0.0. */
final class SeataTcc {
  private SeataTcc() {}

  static void fenceWith(DataSource dataSource, TransactionTemplate template) {
    SpringFenceHandler.setDataSource(dataSource);
    SpringFenceHandler.setTransactionTemplate(template);
    DefaultCommonFenceHandler.get().setFenceHandler(new SpringFenceHandler());
  }

  static void proceed(
      Method method, Object[] arguments, String xid, TwoPhaseBusinessAction annotation, Callback<Object> action)
      throws Throwable {
    Map<String, Object> context = new HashMap<>();
    context.put(Constants.COMMIT_METHOD, annotation.commitMethod());
    context.put(Constants.ROLLBACK_METHOD, annotation.rollbackMethod());
    context.put(Constants.ACTION_NAME, annotation.name());
    context.put(Constants.USE_COMMON_FENCE, annotation.useTCCFence());
    TwoPhaseBusinessActionParam parameter = new TwoPhaseBusinessActionParam();
    parameter.setActionName(annotation.name());
    parameter.setDelayReport(annotation.isDelayReport());
    parameter.setUseCommonFence(annotation.useTCCFence());
    parameter.setBranchType(BranchType.TCC);
    parameter.setBusinessActionContext(context);
    new ActionInterceptorHandler().proceed(method, arguments, xid, parameter, action);
  }
}
