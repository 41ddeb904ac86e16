import 'reflect-metadata';

/** What the decorator says of an action. */
export interface TwoPhaseBusinessActionOptions {
  /**
   * Names the action at the coordinator (its resource id) and in fence rows: 1 to 64 characters out of letters, digits,
   * `.`, `_`, `-`. Unique among all services of one coordinator, and never changed while branches are open.
   */
  readonly name: string;
  /** The method that confirms. @default confirm */
  readonly confirm?: string;
  /** The method that cancels. @default cancel */
  readonly cancel?: string;
}

/** The same, with the names of all three methods. */
export interface DeclaredAction extends Required<TwoPhaseBusinessActionOptions> {
  readonly tryMethod: string;
}

const DECLARATION = Symbol('TwoPhaseBusinessAction');

/** Makes the class of this method an action of TCC, see `TccAction`; the method must be `try`. */
export function TwoPhaseBusinessAction({
  name,
  confirm = 'confirm',
  cancel = 'cancel',
}: TwoPhaseBusinessActionOptions): MethodDecorator {
  return (prototype, method) => {
    const declared: DeclaredAction = { name, confirm, cancel, tryMethod: String(method) };
    const earlier = (Reflect.getOwnMetadata(DECLARATION, prototype) as DeclaredAction[] | undefined) ?? [];
    Reflect.defineMetadata(DECLARATION, [...earlier, declared], prototype);
  };
}

/** What the class of `instance`, or a class that it extends, declares. */
export function declaredActions(instance: object): readonly DeclaredAction[] {
  return (Reflect.getMetadata(DECLARATION, instance) as DeclaredAction[] | undefined) ?? [];
}
