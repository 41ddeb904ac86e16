import { BrokenRule } from './setting-rules.js';
import { fileVariable, settingsOf, type SettingDefinition } from './setting.decorator.js';
import { SettingsError } from './settings.error.js';
import { readTextFile } from './text-file.js';

/** How much of a value a message shows: enough to recognise a mistake. */
const SHOWN_LENGTH_MAX = 100;

/** A secret is a line of text; what is larger is some other file. */
const SECRET_FILE_BYTES_MAX = 16_384;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads a settings class from the environment; a secret also from the file that `<NAME>_FILE` names. An empty
 * variable counts as absent, as in most shells and in compose files.
 * @throws SettingsError that names every wrong setting at once
 */
export function loadSettings<T extends { check?(): readonly string[] }>(
  settingsClass: new () => T,
  environment: Environment,
): T {
  const settings = new settingsClass();
  const problems: string[] = [];
  for (const [property, definition] of settingsOf(settingsClass)) {
    const text = textOf(definition, environment);
    if (typeof text === 'object') {
      problems.push(text.problem);
      continue;
    }
    const given = text === '' ? definition.default : text;
    const value = given === undefined ? undefined : definition.rule.read(given);
    if (value instanceof BrokenRule) problems.push(wrongSetting(definition, given ?? '', value));
    else if (value !== undefined) Object.assign(settings, { [property]: value });
    else if (given !== undefined) problems.push(wrongSetting(definition, given));
    else if (isRequired(definition, settings)) problems.push(missingSetting(definition));
  }
  // Only when each is right by itself: one mistake makes one problem.
  if (problems.length === 0) problems.push(...(settings.check?.() ?? []));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function isRequired({ required = false }: SettingDefinition, settings: object): boolean {
  if (typeof required === 'boolean') return required;
  return (settings as Record<string, unknown>)[required.property] === required.is;
}

function textOf(definition: SettingDefinition, environment: Environment): string | { problem: string } {
  const { name, secret } = definition;
  const text = environment[name]?.trim() ?? '';
  const nameOfFile = fileVariable(definition);
  const path = secret ? (environment[nameOfFile]?.trim() ?? '') : '';
  if (path === '') return text;
  if (text !== '') return { problem: `${name} and ${nameOfFile} are both set; keep one of them.` };
  const file = readTextFile(path, SECRET_FILE_BYTES_MAX);
  if ('text' in file) return file.text;
  return { problem: `${nameOfFile} names ${JSON.stringify(path)}, which ${file.problem}.` };
}

function wrongSetting({ name, rule, secret }: SettingDefinition, text: string, broken?: BrokenRule): string {
  const shown = secret
    ? '(its value is not shown)'
    : `is ${JSON.stringify(text.slice(0, SHOWN_LENGTH_MAX))}, but`;
  const how = broken === undefined ? '' : `; it ${broken.how}`;
  return `${name} ${shown} must be ${rule.text}${how}.`;
}

function missingSetting({ name, rule }: SettingDefinition): string {
  return `${name} is not set: it must be ${rule.text}.`;
}
