/** Where one writes. It stays usable without a connection: what is sent waits in the outbox. */
import { ArrowUp } from 'lucide-react';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import { strings } from '../../app/strings';
import { callsEverybody } from '../../chat/timeline';
import { useChat, useWatched } from '../../hooks/useChat';
import { usePreferences } from '../../hooks/usePreferences';
import { useEscape } from '../../hooks/useShell';
import type { Message, ReplyTo, Room } from '../../protocol';
import { Confirm } from '../ui/Confirm';
import styles from './Composer.module.css';
import { isComposing } from './composing';
import { ReplyingTo } from './ReplyingTo';
import { useCompletion } from './useCompletion';

const LONGEST = 10_000;
const WARN_FROM = 9_000;
const MOST_ROWS = 10;
const EXCERPT = 140;
/** More people than this are not called without asking. */
const ASK_BEFORE_CALLING = 20;

interface Props {
  room: Room;
  name: string;
  replyTo: Message | undefined;
  onReplyDone: () => void;
  onSent: () => void;
  onEditLast: () => void;
}

export function Composer({ room, name, replyTo, onReplyDone, onSent, onEditLast }: Props) {
  const chat = useChat();
  const [content, setContent] = useState(() => chat.drafts.get(room.id));
  const [askedAll, setAskedAll] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const length = content.length > WARN_FROM ? [...content.trim()].length : content.length;
  const full = useWatched(`outbox:${room.id}`, () => chat.outbox.isFull(room.id));
  const ready = content.trim() !== '' && length <= LONGEST && !full;
  const { enterSends } = usePreferences();
  const { list, described, look, takes } = useCompletion(field, content, room);
  useEscape('reply', replyTo !== undefined, onReplyDone);

  // A keyboard would cover half a phone before anyone wanted to write.
  useEffect(() => {
    if (matchMedia('(pointer: fine)').matches) field.current?.focus();
  }, []);

  useEffect(() => () => chat.typing.stopped(room.id), [chat, room.id]);

  // What is written in another tab shows here too.
  useEffect(
    () => chat.drafts.onOtherText((roomId, text) => roomId === room.id && setContent(text)),
    [chat, room.id],
  );

  function write(text: string) {
    setContent(text);
    chat.drafts.write(room.id, text);
    if (text === '') chat.typing.stopped(room.id);
    else chat.typing.typed(room.id);
  }

  function send() {
    if (!ready) return;
    if (callsEverybody(content) && room.memberCount - 1 > ASK_BEFORE_CALLING) setAskedAll(true);
    else sendNow();
  }

  function sendNow() {
    chat.send(room.id, content.trim(), answered());
    chat.drafts.clear(room.id);
    setContent('');
    onReplyDone();
    onSent();
    field.current?.focus();
  }

  /** A text that was deleted or changed meanwhile goes no further. */
  function answered(): ReplyTo | undefined {
    if (!replyTo) return undefined;
    const now = chat.timeline(room.id).message(replyTo.id) ?? replyTo;
    return quoteOf(chat.deletions.has(now.id) ? { ...now, content: '' } : now);
  }

  function onKeyDown(event: KeyboardEvent) {
    if (isComposing(event) || takes(event)) return;
    if (event.key === 'Enter' && event.shiftKey !== enterSends && !event.altKey && !touches()) {
      event.preventDefault();
      send();
    } else if (event.key === 'ArrowUp' && content === '') {
      event.preventDefault();
      onEditLast();
    }
  }

  return (
    <form
      className={styles.composer}
      data-region="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {replyTo && <ReplyingTo roomId={room.id} replyTo={quoteOf(replyTo)} onCancel={onReplyDone} />}
      <div className={styles.well}>
        {list}
        <textarea
          ref={field}
          id="composer"
          className={styles.field}
          aria-label={strings.messages.write(name)}
          aria-describedby={length > WARN_FROM ? 'composer-length' : undefined}
          aria-autocomplete="list"
          {...described}
          placeholder={strings.messages.write(name)}
          rows={Math.min(MOST_ROWS, content.split('\n').length)}
          dir={content === '' ? undefined : 'auto'}
          value={content}
          onChange={(event) => {
            write(event.target.value);
            look(event.target);
          }}
          onSelect={(event) => look(event.currentTarget)}
          onBlur={() => look(undefined)}
          onKeyDown={onKeyDown}
        />
        <button type="submit" className={styles.send} disabled={!ready}>
          <ArrowUp size={18} aria-hidden />
          <span className={styles.sendWord}>{strings.messages.send}</span>
        </button>
      </div>
      {length > WARN_FROM && (
        <p id="composer-length" className={length > LONGEST ? styles.over : styles.left} role="status">
          {length > LONGEST
            ? strings.messages.tooLong(length - LONGEST)
            : strings.messages.left(LONGEST - length)}
        </p>
      )}
      {full && (
        <p className={styles.over} role="status">
          {strings.messages.full}
        </p>
      )}
      <Confirm
        open={askedAll}
        title={strings.messages.allTitle(room.memberCount - 1)}
        description={strings.messages.allHint(name)}
        action={strings.messages.send}
        look="primary"
        onConfirm={sendNow}
        onClose={() => setAskedAll(false)}
      />
    </form>
  );
}

/** On a touch keyboard Enter is a line break: there is no Shift to hold. */
function touches(): boolean {
  return matchMedia('(pointer: coarse) and (hover: none)').matches;
}

function quoteOf({ id, seq, author, content }: Message): ReplyTo {
  return { id, seq, author, excerpt: content.slice(0, EXCERPT) };
}
