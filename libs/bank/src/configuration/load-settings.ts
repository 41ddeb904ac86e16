import { settingsOf, type SettingDefinition } from './setting.decorator.js';
import { SettingsError } from './settings.error.js';

/** What a message shows of a value; a long one is somebody's mistake, and one line is enough to see it. */
const SHOWN_LENGTH_MAX = 100;

/**
 * Reads a settings class from the environment. An empty variable counts as absent, as in most shells and in
 * compose files.
 * @throws SettingsError that names every wrong setting at once
 */
export function loadSettings<T extends { check?(): readonly string[] }>(
  settingsClass: new () => T,
  environment: Readonly<Record<string, string | undefined>>,
): T {
  const settings = new settingsClass();
  const problems: string[] = [];
  for (const [property, definition] of settingsOf(settingsClass)) {
    const text = environment[definition.name]?.trim() ?? '';
    const given = text === '' ? definition.default : text;
    const value = given === undefined ? undefined : definition.rule.read(given);
    if (value !== undefined) Object.assign(settings, { [property]: value });
    else if (given !== undefined) problems.push(wrongSetting(definition, given));
    else if (definition.required) problems.push(missingSetting(definition));
  }
  // Only when each is right by itself: one mistake makes one problem.
  if (problems.length === 0) problems.push(...(settings.check?.() ?? []));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings;
}

function wrongSetting({ name, rule, secret }: SettingDefinition, text: string): string {
  const shown = secret
    ? '(its value is not shown)'
    : `is ${JSON.stringify(text.slice(0, SHOWN_LENGTH_MAX))}, but`;
  return `${name} ${shown} must be ${rule.text}.`;
}

function missingSetting({ name, rule }: SettingDefinition): string {
  return `${name} is not set: it must be ${rule.text}.`;
}
