const known = new WeakMap<object, { readonly problem: string | undefined }>();

/**
 * Why objects of a class hold something that JSON does not see, or undefined. Built-in classes (Map, Set, ArrayBuffer,
 * typed arrays, Error, Promise …) keep what they hold in internal slots, others in private fields; both become `{}`.
 *
 * Private fields are found in the class's source, once for each class, because nothing else shows them. Where a
 * compiler has turned them into WeakMaps they are not found.
 */
export function problemOfClass(prototype: object | null): string | undefined {
  if (prototype === null) return undefined;
  const parent = Object.getPrototypeOf(prototype) as object | null;
  // The end of the chain is Object.prototype, of whatever realm.
  if (parent === null) return undefined;
  const answer = known.get(prototype);
  if (answer !== undefined) return answer.problem;
  const problem = ownProblem(prototype) ?? problemOfClass(parent);
  known.set(prototype, { problem });
  return problem;
}

function ownProblem(prototype: object): string | undefined {
  const constructor: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof constructor !== 'function') return undefined;
  const source = Function.prototype.toString.call(constructor);
  if (/\{\s*\[native code\]\s*\}\s*$/.test(source)) return constructor.name;
  const field = PRIVATE_FIELD.exec(source.replace(COMMENT_OR_TEXT, ''))?.[1];
  return field === undefined ? undefined : `${constructor.name} with the private field #${field}`;
}

const COMMENT_OR_TEXT = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
/** The declaration `#name;` or `#name = …`: no use of it (`this.#name`), no method, nothing static. */
const PRIVATE_FIELD = /(?<!\bstatic\s+)(?<![\w$.#])#([A-Za-z_$][\w$]*)\s*(?=[=;}\n]|$)/;
