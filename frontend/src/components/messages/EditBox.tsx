import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { useChat } from '../../hooks/useChat';
import { useEscape } from '../../hooks/useShell';
import { useTask } from '../../hooks/useTask';
import type { Message } from '../../protocol';
import { Button } from '../ui/Button';
import { isComposing } from './composing';
import styles from './EditBox.module.css';

interface Props {
  message: Message;
  onDone: () => void;
}

export function EditBox({ message, onDone }: Props) {
  const chat = useChat();
  const [content, setContent] = useState(message.content);
  const field = useRef<HTMLTextAreaElement>(null);
  const { busy, run } = useTask();
  useEscape('edit', true, onDone);

  useEffect(() => {
    const end = field.current?.value.length ?? 0;
    field.current?.focus();
    field.current?.setSelectionRange(end, end);
  }, []);

  async function save() {
    const text = content.trim();
    if (text === '' || busy) return;
    if (text === message.content || (await run(() => chat.edit(message, text)))) onDone();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event)) return;
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void save();
    }
  }

  return (
    <div className={styles.box}>
      <textarea
        ref={field}
        className={styles.field}
        aria-label={strings.messages.editLabel}
        rows={1}
        dir="auto"
        value={content}
        onChange={(event) => setContent(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <div className={styles.actions}>
        <Button disabled={busy || content.trim() === ''} onClick={() => void save()}>
          {strings.save}
        </Button>
        <Button look="plain" onClick={onDone}>
          {strings.cancel}
        </Button>
        <span className={styles.hint}>{strings.messages.editHint}</span>
      </div>
    </div>
  );
}
