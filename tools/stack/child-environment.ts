/** In every glibc and musl of today, whatever languages are installed. */
const UTF8_LOCALE = 'C.UTF-8';

/**
 * This process's environment for a program that is given paths. Where the locale is not of UTF-8 (`LC_ALL=C` in cron,
 * in containers, in CI), Java cannot even spell the path of a checkout in a folder with `ü`, and finds no main class.
 * A locale of UTF-8 stays what it is.
 */
export function childEnvironment(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): NodeJS.ProcessEnv {
  // Elsewhere Java takes paths for UTF-8 without being told.
  if (platform !== 'linux') return environment;
  const { LC_ALL, LC_CTYPE, LANG } = environment;
  // The first that is set counts; set to nothing, it is not set.
  const locale = [LC_ALL, LC_CTYPE, LANG].find((value) => value) ?? 'C';
  return /\.utf-?8/i.test(locale) ? environment : { ...environment, LC_ALL: UTF8_LOCALE };
}
