import { isReservedPropertyName } from '../reserved-property-names.js';

const AFTER_NAME = '\u0001';
const AFTER_VALUE = '\u0002';

export type Properties = Readonly<Record<string, string>>;

/** As a message carries its properties. */
export function writeProperties(system: Properties, user: Properties): string {
  let text = '';
  for (const name in system) text += `${name}${AFTER_NAME}${system[name] ?? ''}${AFTER_VALUE}`;
  for (const name in user) text += `${name}${AFTER_NAME}${user[name] ?? ''}${AFTER_VALUE}`;
  return text;
}

/** All of them, the broker's own among them. */
export function readProperties(text: string): Record<string, string> {
  const properties: Record<string, string> = {};
  for (const one of text.split(AFTER_VALUE)) {
    const at = one.indexOf(AFTER_NAME);
    if (at > 0) put(properties, one.slice(0, at), one.slice(at + 1));
  }
  return properties;
}

/** Those that the sender chose. */
export function userProperties(properties: Properties): Record<string, string> {
  const user: Record<string, string> = {};
  for (const name of Object.keys(properties)) {
    if (!isReservedPropertyName(name)) put(user, name, properties[name] ?? '');
  }
  return user;
}

/** A plain assignment would give `__proto__` its special meaning. */
function put(properties: Record<string, string>, name: string, value: string): void {
  if (name !== '__proto__') properties[name] = value;
  else
    Object.defineProperty(properties, name, { value, enumerable: true, configurable: true, writable: true });
}
