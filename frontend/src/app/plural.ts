/** Texts that depend on a number: which forms there are is the language’s affair. */
type Forms = Partial<Record<Intl.LDMLPluralRule, string>> & { other: string };

export function pluralIn(language: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(language);
  return (count, forms) => forms[rules.select(count)] ?? forms.other;
}
