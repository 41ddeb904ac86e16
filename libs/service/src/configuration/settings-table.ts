import { fileVariable, settingsOf } from './setting.decorator.js';

/** The settings of a service as a Markdown table; the documentation quotes it, and a test keeps the two equal. */
export function settingsTable(settingsClass: abstract new () => object): string {
  const rows = [...settingsOf(settingsClass).values()].map(({ name, meaning, rule, required, ...rest }) => {
    const fallback =
      rest.default === undefined ? (required === true ? '(required)' : '(none)') : `\`${rest.default}\``;
    const names = rest.secret ? `\`${name}\`, \`${fileVariable({ name })}\`` : `\`${name}\``;
    return `| ${names} | ${fallback} | ${meaning} | ${rule.text} |`;
  });
  return ['| variable | default | meaning | must be |', '| --- | --- | --- | --- |', ...rows].join('\n');
}
