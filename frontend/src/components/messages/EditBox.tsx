/** A message that is written anew in its place. Two versions of it are never merged unasked. */
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
  /** What the message said when its author last saw it. */
  const [seen, setSeen] = useState(message.content);
  const [saving, setSaving] = useState<string>();
  const field = useRef<HTMLTextAreaElement>(null);
  const { busy, run } = useTask();
  const text = content.trim();
  // One's own change comes back by the log, perhaps before its acknowledgement.
  const elsewhere = message.content !== seen && message.content !== saving && message.content !== text;
  useEscape('edit', true, onDone);

  useEffect(() => {
    const end = field.current?.value.length ?? 0;
    field.current?.focus();
    field.current?.setSelectionRange(end, end);
  }, []);

  async function save() {
    if (text === '' || busy) return;
    setSaving(text);
    let saved = text === message.content;
    // With two texts on the screen this one is written over the other, and over no third.
    if (!saved)
      await run(async () => {
        saved = await chat.editing.edit(message, text);
      });
    if (saved) onDone();
    else setSaving(undefined);
  }

  function takeOther() {
    setContent(message.content);
    setSeen(message.content);
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event) || event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    // With two texts to choose from, Enter chooses neither.
    if (!elsewhere) void save();
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
      {elsewhere && (
        <div className={styles.other} role="status">
          <p>{strings.messages.editedElsewhere}</p>
          <p className={styles.otherText} dir="auto">
            {message.content}
          </p>
        </div>
      )}
      <div className={styles.actions}>
        <Button disabled={busy || text === ''} onClick={() => void save()}>
          {elsewhere ? strings.messages.keepMine : strings.save}
        </Button>
        {elsewhere && <Button onClick={takeOther}>{strings.messages.takeOther}</Button>}
        <Button look="plain" onClick={onDone}>
          {strings.cancel}
        </Button>
        {!elsewhere && <span className={styles.hint}>{strings.messages.editHint}</span>}
      </div>
    </div>
  );
}
