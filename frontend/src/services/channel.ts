/** Words between the tabs of one browser. None arrives where there is only one, or in its own tab. */
export class Channel<Word> {
  readonly #channel: BroadcastChannel;
  #closed = false;

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
  }

  tell(word: Word): void {
    if (!this.#closed) this.#channel.postMessage(word);
  }

  hear(listener: (word: Word) => void): void {
    this.#channel.onmessage = (event: MessageEvent<Word>) => listener(event.data);
  }

  close(): void {
    this.#closed = true;
    this.#channel.close();
  }
}
