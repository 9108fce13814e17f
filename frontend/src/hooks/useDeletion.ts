/**
 * Deletes messages: one's own at once and with a way back for a while, those of
 * others after one question.
 */
import { useCallback, useState } from 'react';
import { strings } from '../app/strings';
import type { Message } from '../protocol';
import { toasting } from '../services/toasting';
import { useChat } from './useChat';
import { useTask } from './useTask';

interface Deletion {
  remove: (message: Message) => void;
  /** The message of somebody else that is asked about. */
  asked: Message | undefined;
  /** The answer to the question. */
  answer: (sure: boolean) => void;
}

export function useDeletion(): Deletion {
  const chat = useChat();
  const { run } = useTask();
  const [asked, setAsked] = useState<Message>();

  const remove = useCallback(
    (message: Message) => {
      if (message.author.id !== chat.me.id) {
        setAsked(message);
        return;
      }
      const { deletions } = chat;
      let takeBack: (() => void) | undefined;
      deletions.begin(message, {
        over: () => takeBack?.(),
        refused: (failure) => void run(() => Promise.reject(failure)),
      });
      takeBack = toasting.say({
        title: strings.messages.deleted,
        // It goes when there is nothing to undo any more.
        timeout: 0,
        onGone: () => void deletions.send(message.id),
        action: { label: strings.undo, act: () => deletions.undo(message.id) },
      });
    },
    [chat, run],
  );

  function answer(sure: boolean) {
    if (asked && sure) void run(() => chat.delete(asked));
    setAsked(undefined);
  }

  return { remove, asked, answer };
}
