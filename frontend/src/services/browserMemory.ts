/**
 * One object that this browser remembers, for all of its tabs.
 *
 * Remembering may be forbidden or full; then it is forgotten with the page.
 */
export class BrowserMemory {
  readonly #key: string;

  constructor(key: string) {
    this.#key = key;
  }

  read(): Record<string, unknown> {
    try {
      return objectIn(localStorage.getItem(this.#key));
    } catch {
      return {};
    }
  }

  write(value: object): void {
    try {
      localStorage.setItem(this.#key, JSON.stringify(value));
    } catch {
      // Forgotten, as said above.
    }
  }

  /** Another tab remembers something else now. */
  onChange(listener: (value: Record<string, unknown>) => void): void {
    addEventListener('storage', ({ key, newValue }) => {
      if (key === this.#key && newValue !== null) listener(objectIn(newValue));
    });
  }
}

function objectIn(text: string | null): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
