/** Writes over a part of a field as if it had been typed: its owner hears of it, and it can be undone. */
export function writeOver(field: HTMLTextAreaElement, from: number, to: number, text: string): void {
  field.focus();
  field.setSelectionRange(from, to);
  // Old, and the only way that leaves the browser its list of what to undo.
  const written = text === '' ? ['delete'] : ['insertText', false, text];
  if (document.execCommand?.(...(written as [string, boolean, string]))) return;
  field.setRangeText(text, from, to, 'end');
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
