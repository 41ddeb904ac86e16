/** A name server or broker refused an administrative call, or could not be asked. */
export class RocketmqAdminError extends Error {
  /** The broker's response code; undefined when there was no response. */
  readonly code: number | undefined;

  constructor(message: string, options?: ErrorOptions & { code?: number }) {
    super(message, options);
    this.name = new.target.name;
    this.code = options?.code;
  }
}

/** The call did not end in time. Whether it was carried out is not known; every call may be repeated. */
export class RocketmqAdminTimeoutError extends RocketmqAdminError {}
