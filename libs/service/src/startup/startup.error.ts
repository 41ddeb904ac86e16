/** The service cannot start, for a reason that its operator can mend; the message is the sentence to show. */
export class StartupError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'StartupError';
  }
}
