package txmsg.peer;

import com.alibaba.druid.pool.DruidDataSource;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.seata.core.context.RootContext;
import io.seata.core.model.TransactionManager;
import io.seata.rm.RMClient;
import io.seata.rm.datasource.DataSourceProxy;
import io.seata.tm.TMClient;
import io.seata.tm.TransactionManagerHolder;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A service with Seata's own client: it begins and ends global transactions, and has branches of AT and TCC in them.
 * Every line of its input is a request in JSON with an {@code id}; the answer with this id is a line of its output. It ends
 * with its input.
 */
public final class Peer {
  private static final String GROUP = "default_tx_group";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final String applicationId = System.getenv("PEER_APPLICATION_ID");
  private final TransactionManager transactions;
  private final DataSourceProxy proxied;
  private final TccBranches tcc;

  public static void main(String[] arguments) throws Exception {
    // Whatever a library prints must not be taken for an answer.
    PrintStream answers = System.out;
    System.setOut(System.err);
    configure();
    Peer peer = new Peer();
    ExecutorService threads = Executors.newCachedThreadPool();
    say(answers, JSON.createObjectNode().put("id", 0));
    BufferedReader requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = requests.readLine(); line != null; line = requests.readLine()) {
      JsonNode request = JSON.readTree(line);
      threads.execute(() -> say(answers, peer.answer(request)));
    }
    // The threads of Seata's client would keep it alive; a killed service says no farewell either.
    Runtime.getRuntime().halt(0);
  }

  /** Before the first class of Seata is loaded. */
  private static void configure() {
    System.setProperty("service.vgroupMapping." + GROUP, "default");
    System.setProperty("service.default.grouplist", System.getenv("PEER_SERVER"));
    System.setProperty("client.undo.logSerialization", "jackson");
    // Conflicts of global locks are seen soon.
    System.setProperty("client.rm.lock.retryTimes", "3");
  }

  private Peer() {
    TMClient.init(applicationId, GROUP);
    RMClient.init(applicationId, GROUP);
    transactions = TransactionManagerHolder.get();
    DruidDataSource plain = new DruidDataSource();
    plain.setUrl(System.getenv("PEER_JDBC_URL"));
    plain.setUsername(System.getenv("PEER_MYSQL_USER"));
    plain.setPassword(System.getenv("PEER_MYSQL_PASSWORD"));
    plain.setMaxActive(20);
    proxied = new DataSourceProxy(plain);
    tcc = new TccBranches(plain, applicationId);
  }

  private ObjectNode answer(JsonNode request) {
    ObjectNode answer = JSON.createObjectNode();
    answer.set("id", request.get("id"));
    try {
      carryOut(request, answer);
    } catch (Throwable error) {
      answer.put("error", describe(error));
    }
    return answer;
  }

  private void carryOut(JsonNode request, ObjectNode answer) throws Throwable {
    String xid = request.path("xid").asText();
    switch (request.get("do").asText()) {
      case "begin":
        int timeoutMs = request.path("timeoutMs").asInt(60_000);
        answer.put("xid", transactions.begin(applicationId, GROUP, "java", timeoutMs));
        break;
      case "commit":
        answer.put("status", transactions.commit(xid).name());
        break;
      case "rollback":
        answer.put("status", transactions.rollback(xid).name());
        break;
      case "status":
        answer.put("status", transactions.getStatus(xid).name());
        break;
      case "at":
        inGlobalTransaction(xid, () -> answer.set("results", runAtBranch(request.get("statements"))));
        break;
      case "tcc":
        inGlobalTransaction(xid, () -> tcc.tryAction(request));
        break;
      default:
        throw new IllegalArgumentException("There is nothing to do for " + request);
    }
  }

  /** One branch: one transaction of the database, by the proxy that knows of the global one. */
  private JsonNode runAtBranch(JsonNode statements) throws Exception {
    try (Connection connection = proxied.getConnection()) {
      connection.setAutoCommit(false);
      try {
        JsonNode results = Statements.run(connection, statements);
        connection.commit();
        return results;
      } catch (Throwable error) {
        connection.rollback();
        throw error;
      }
    }
  }

  private static void inGlobalTransaction(String xid, Work work) throws Throwable {
    RootContext.bind(xid);
    try {
      work.run();
    } finally {
      RootContext.unbind();
    }
  }

  private static String describe(Throwable error) {
    StringBuilder text = new StringBuilder(error.toString());
    for (Throwable cause = error.getCause(); cause != null; cause = cause.getCause()) {
      text.append("; caused by ").append(cause);
    }
    return text.toString();
  }

  private static void say(PrintStream answers, ObjectNode answer) {
    synchronized (answers) {
      answers.println(answer);
      answers.flush();
    }
  }

  private interface Work {
    void run() throws Throwable;
  }
}
