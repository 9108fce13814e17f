/** A message on its way: it says how far it has come, and what can be done about it. */
import { useEffect, useState } from 'react';
import { strings } from '../../app/strings';
import { hueOf } from '../../chat/names';
import type { PendingMessage } from '../../chat/outbox';
import { timeOfDay } from '../../hooks/dates';
import { useChat, useWatched } from '../../hooks/useChat';
import { Words } from '../words/Words';
import styles from './Message.module.css';
import { Quote } from './Quote';

/** Most messages are stored sooner than a word about them could be read. */
const SAY_SENDING_AFTER_MS = 400;

interface Props {
  pending: PendingMessage;
  grouped: boolean;
  onJump: (messageId: string) => void;
}

export function PendingRow({ pending, grouped, onJump }: Props) {
  const { me } = useChat();
  const sentAt = new Date(pending.createdAt);
  return (
    <li
      className={styles.row}
      data-key={pending.clientId}
      data-grouped={grouped || undefined}
      data-state={pending.state}
    >
      <span className={styles.gutter}>
        <time dateTime={pending.createdAt}>{timeOfDay(sentAt)}</time>
      </span>
      <div className={styles.body}>
        {!grouped && (
          <p className={styles.byline}>
            <bdi className={styles.author} data-hue={hueOf(me.id)}>
              {me.displayName}
            </bdi>
            <span className={styles.inlineTime}>
              <time dateTime={pending.createdAt}>{timeOfDay(sentAt)}</time>
            </span>
          </p>
        )}
        {pending.replyTo && <Quote roomId={pending.roomId} replyTo={pending.replyTo} onJump={onJump} />}
        <Words id={pending.clientId} written={pending} className={styles.text} />
        <Delivery pending={pending} />
      </div>
    </li>
  );
}

function Delivery({ pending }: { pending: PendingMessage }) {
  const chat = useChat();
  const online = useWatched('connection', () => chat.connection.status.phase === 'open');
  const late = useLate(pending.createdAt);
  const { state } = pending;

  const again = <Word onClick={() => chat.outbox.retry(pending)}>{strings.retry}</Word>;
  const away = <Word onClick={() => chat.outbox.discard(pending)}>{strings.messages.discard}</Word>;

  if (state === 'failed') {
    return (
      <p className={styles.failed} role="status">
        {strings.messages.failed} {pending.refusal}
        {again}
        {away}
      </p>
    );
  }
  if (state === 'unconfirmed' || state === 'lapsed') {
    return (
      <p className={styles.delivery}>
        {strings.messages[state]}
        {again}
        {state === 'lapsed' && away}
      </p>
    );
  }
  if (state === 'stored' || !late) return null;
  if (online || state === 'sending') return <p className={styles.delivery}>{strings.messages.sending}</p>;
  return (
    <p className={styles.delivery}>
      {strings.messages.waiting}
      {away}
    </p>
  );
}

function Word({ onClick, children }: { onClick: () => void; children: string }) {
  return (
    <button type="button" className={styles.word} onClick={onClick}>
      {children}
    </button>
  );
}

function useLate(createdAt: string): boolean {
  const age = () => Date.now() - Date.parse(createdAt);
  const [late, setLate] = useState(() => age() >= SAY_SENDING_AFTER_MS);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), SAY_SENDING_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  return late;
}
