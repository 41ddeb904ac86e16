package txmsg.peer;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.seata.rm.tcc.api.BusinessActionContext;
import io.seata.rm.tcc.api.BusinessActionContextParameter;
import io.seata.rm.tcc.api.TwoPhaseBusinessAction;
import java.sql.Connection;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.DataSourceUtils;

/** A TCC action that does what the caller says; what its second phase does travels in the action's context. */
public class StatementsAction {
  static final String NAME = "java-statements";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final DataSource dataSource;

  StatementsAction(DataSource dataSource) {
    this.dataSource = dataSource;
  }

  @TwoPhaseBusinessAction(name = NAME, commitMethod = "confirm", rollbackMethod = "cancel", useTCCFence = true)
  public boolean tryIt(
      BusinessActionContext context,
      String statements,
      @BusinessActionContextParameter(paramName = "confirm") String confirm,
      @BusinessActionContextParameter(paramName = "cancel") String cancel) {
    return run(statements);
  }

  public boolean confirm(BusinessActionContext context) {
    return run((String) context.getActionContext("confirm"));
  }

  public boolean cancel(BusinessActionContext context) {
    return run((String) context.getActionContext("cancel"));
  }

  /** In the transaction of the fence. */
  private boolean run(String statements) {
    Connection connection = DataSourceUtils.getConnection(dataSource);
    try {
      Statements.run(connection, JSON.readTree(statements));
      return true;
    } catch (Exception error) {
      throw new IllegalStateException(error);
    } finally {
      DataSourceUtils.releaseConnection(connection, dataSource);
    }
  }
}
