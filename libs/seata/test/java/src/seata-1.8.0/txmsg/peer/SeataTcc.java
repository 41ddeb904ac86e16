package txmsg.peer;

import io.seata.common.executor.Callback;
import io.seata.rm.tcc.TCCFenceHandler;
import io.seata.rm.tcc.api.TwoPhaseBusinessAction;
import io.seata.rm.tcc.interceptor.ActionInterceptorHandler;
import java.lang.reflect.Method;
import javax.sql.DataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** What differs between the versions of Seata's TCC: 1.8.0. */
final class SeataTcc {
  private SeataTcc() {}

  static void fenceWith(DataSource dataSource, TransactionTemplate template) {
    TCCFenceHandler.setDataSource(dataSource);
    TCCFenceHandler.setTransactionTemplate(template);
  }

  static void proceed(
      Method method, Object[] arguments, String xid, TwoPhaseBusinessAction annotation, Callback<Object> action)
      throws Throwable {
    new ActionInterceptorHandler().proceed(method, arguments, xid, annotation, action);
  }
}
