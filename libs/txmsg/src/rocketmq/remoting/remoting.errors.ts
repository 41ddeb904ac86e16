/** The other end's bytes are not the remoting protocol, or not within its limits. The connection is of no more use. */
export class MalformedFrameError extends Error {
  constructor(detail: string) {
    super(`the other end does not speak RocketMQ's remoting protocol: ${detail}`);
    this.name = new.target.name;
  }
}

/** The connection ended while the request was under way: the server may have acted on it or not. */
export class ConnectionLostError extends Error {
  constructor(address: string, cause: Error) {
    super(`the connection to ${address} was lost: ${cause.message}`, { cause });
    this.name = new.target.name;
  }
}

/** No response came in time: the server may have acted on the request or not. */
export class RequestTimeoutError extends Error {
  constructor(
    readonly address: string,
    timeoutMs: number,
  ) {
    super(`${address} did not answer within ${timeoutMs} ms`);
    this.name = new.target.name;
  }
}

/** Too much is under way or unsent on this connection; the request was not sent. */
export class ConnectionBusyError extends Error {
  constructor(address: string, detail: string) {
    super(`${address} is slower than this service sends: ${detail}`);
    this.name = new.target.name;
  }
}

/** The server answered with another code than SUCCESS. */
export class RefusedRequestError extends Error {
  constructor(
    readonly responseCode: number,
    readonly remark: string,
  ) {
    super(`${remark === '' ? 'no reason given' : remark} (code ${responseCode})`);
    this.name = new.target.name;
  }
}

/** The topic does not take what this client is for. */
export class UnfitTopicError extends Error {
  constructor(message: string) {
    super(message);
    this.name = new.target.name;
  }
}
