/**
 * Reads new messages of the open room to those who listen: at most one line a
 * second, then how many there were. The list itself is not a live region, since
 * paging back in it would be read out too.
 */
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { plainWords } from '../../chat/words/words';
import { useChat, useWatched } from '../../hooks/useChat';
import type { Message } from '../../protocol';

const EVERY_MS = 1_000;
const KEPT = 5;

interface Line {
  readonly id: string;
  readonly roomId: string;
  readonly text: string;
}

export function Announcer() {
  const chat = useChat();
  const [lines, setLines] = useState<readonly Line[]>([]);

  useEffect(() => {
    let waiting: Message[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;

    function speak() {
      timer = undefined;
      const first = waiting[0];
      if (!first) return;
      const text =
        waiting.length === 1
          ? strings.messages.announce(first.author.displayName, plainWords(first))
          : strings.messages.announceMany(waiting.length);
      waiting = [];
      setLines((known) => [...known.slice(1 - KEPT), { id: first.id, roomId: first.roomId, text }]);
      timer = setTimeout(speak, EVERY_MS);
    }

    const stop = chat.onNewMessage((message) => {
      if (message.roomId !== chat.openRoom || message.author.id === chat.me.id || message.deletedAt) return;
      waiting.push(message);
      timer ??= setTimeout(speak, 0);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [chat]);

  return (
    <div role="log" className="visually-hidden" aria-live="polite">
      {lines.map((line) => (
        <Spoken key={line.id} line={line} />
      ))}
    </div>
  );
}

/** What was deleted since stays nowhere, not even where only a screen reader finds it. */
function Spoken({ line: { id, roomId, text } }: { line: Line }) {
  const chat = useChat();
  const deleted = useWatched(`message:${id}`, () => Boolean(chat.timeline(roomId).message(id)?.deletedAt));
  return deleted ? null : <p>{text}</p>;
}
