import type { SettingRule } from './setting-rules.js';

export interface SettingDefinition<T = unknown> {
  /** The environment variable. */
  readonly name: string;
  readonly rule: SettingRule<T>;
  /** What it is for, with its unit; stands in the documented table. */
  readonly meaning: string;
  /** As it would be written in the environment. */
  readonly default?: string;
  /** Without it and without a default the service does not start; or only where settings that were declared before say so. */
  readonly required?: boolean | RequiredWhere;
  /** Its value is never printed, and may also come from the file that `<NAME>_FILE` names. */
  readonly secret?: boolean;
}

/** Another setting, and the value of it that makes this one required. */
export interface RequiredWhere {
  readonly property: string;
  readonly is: string;
}

/** The variable that names the file with a secret's value. */
export function fileVariable({ name }: Pick<SettingDefinition, 'name'>): string {
  return `${name}_FILE`;
}

const DEFINITIONS = Symbol('settings');
type Definitions = Map<string, SettingDefinition>;

/** Declares a property of a settings class; a subclass may declare it again with another default. */
export function Setting<T>(definition: SettingDefinition<T>): PropertyDecorator {
  return (prototype, property) => {
    if (!Object.hasOwn(prototype, DEFINITIONS)) {
      Object.defineProperty(prototype, DEFINITIONS, { value: new Map(inherited(prototype)) });
    }
    inherited(prototype).set(String(property), definition);
  };
}

/** Every setting of a class and its superclasses, by property, in the order of their declaration. */
export function settingsOf(settingsClass: abstract new () => object): ReadonlyMap<string, SettingDefinition> {
  return inherited(settingsClass.prototype as object);
}

function inherited(prototype: object): Definitions {
  return (
    ((prototype as Record<symbol, unknown>)[DEFINITIONS] as Definitions | undefined) ??
    new Map<string, SettingDefinition>()
  );
}
