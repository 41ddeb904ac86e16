/** The books could not be read to the end. That is no verdict about the money: audit again. */
export class AuditUnreadableError extends Error {
  override readonly name = 'AuditUnreadableError';
}
