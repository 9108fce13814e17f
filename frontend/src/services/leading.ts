/** Of the tabs of a browser one leads; when it goes, another does at once. */
export class Leading {
  #leads: boolean;
  #resign = () => {};
  readonly #waiting = new AbortController();

  /** `locks` is absent on plain http; then every tab thinks that it leads. */
  constructor(name: string, locks: LockManager | undefined) {
    this.#leads = locks === undefined;
    const lead = () => {
      this.#leads = true;
      return new Promise<void>((resign) => {
        this.#resign = resign;
      });
    };
    // Refused when this tab goes before its turn has come.
    locks?.request(name, { signal: this.#waiting.signal }, lead).catch(() => undefined);
  }

  get leads(): boolean {
    return this.#leads;
  }

  stop(): void {
    this.#leads = false;
    this.#waiting.abort();
    this.#resign();
  }
}
