interface Failure {
  readonly message?: string;
  readonly cause?: Failure;
  /** Of each address that was tried, when there are several. */
  readonly errors?: readonly Failure[];
}

/** Why a request failed, with the addresses that were tried, which `fetch` keeps in the error's cause. */
export function fetchFailure(error: unknown): string {
  const { cause = error } = error as Failure;
  const { errors = [cause] } = cause as Failure;
  return errors.map(textOf).join('; ');
}

function textOf(reason: unknown): string {
  const { message = '' } = reason as Failure;
  return message === '' ? String(reason) : message;
}
