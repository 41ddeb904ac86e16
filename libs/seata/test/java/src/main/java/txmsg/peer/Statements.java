package txmsg.peer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** Statements as tests write them: {@code [{"sql": "…", "parameters": [1, "a", null]}]}. */
final class Statements {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Statements() {}

  /** @return for each statement its rows, or how many it has changed */
  static ArrayNode run(Connection connection, JsonNode statements) throws SQLException {
    ArrayNode results = JSON.createArrayNode();
    for (JsonNode each : statements) {
      try (PreparedStatement statement = connection.prepareStatement(each.get("sql").asText())) {
        int position = 0;
        for (JsonNode value : each.path("parameters")) {
          statement.setObject(++position, parameter(value));
        }
        if (statement.execute()) {
          results.add(rows(statement));
        } else {
          results.add(statement.getUpdateCount());
        }
      }
    }
    return results;
  }

  private static Object parameter(JsonNode value) {
    if (value.isNull()) {
      return null;
    }
    return value.isIntegralNumber() ? (Object) value.asLong() : value.asText();
  }

  private static ArrayNode rows(PreparedStatement statement) throws SQLException {
    ArrayNode rows = JSON.createArrayNode();
    try (ResultSet result = statement.getResultSet()) {
      while (result.next()) {
        ObjectNode row = rows.addObject();
        for (int column = 1; column <= result.getMetaData().getColumnCount(); column++) {
          row.put(result.getMetaData().getColumnLabel(column), result.getString(column));
        }
      }
    }
    return rows;
  }
}
