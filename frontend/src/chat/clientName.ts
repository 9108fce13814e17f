/** A program as people call it, of the long line it calls itself by: `Firefox, Linux`. */

/** Each says it is the ones after it, too. */
const PROGRAMS = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bCriOS\/|\bHeadlessChrome\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
] as const;

const SYSTEMS = [
  [/\biPhone\b/, 'iPhone'],
  [/\biPad\b/, 'iPad'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bLinux\b/, 'Linux'],
] as const;

const MOST = 40;

/** Nothing when it does not call itself anything. */
export function clientName(userAgent: string): string | undefined {
  const find = (known: readonly (readonly [RegExp, string])[]) =>
    known.find(([sign]) => sign.test(userAgent))?.[1];
  const program = find(PROGRAMS);
  const system = find(SYSTEMS);
  if (program) return system ? `${program}, ${system}` : program;
  return userAgent.trim().slice(0, MOST) || undefined;
}
