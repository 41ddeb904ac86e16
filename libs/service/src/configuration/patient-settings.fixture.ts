/** For a service in a test: a busy machine may be slow to read, and to connect, without anything being wrong. */
export const PATIENT_SETTINGS = {
  HEALTH_TIMEOUT_MS: '30000',
  DATABASE_READ_TIMEOUT_MS: '20000',
  MYSQL_CONNECT_TIMEOUT_MS: '20000',
};
