/** One message. It watches itself only, so that a busy room renders one row at a time. */
import { type FocusEvent, memo, useState } from 'react';
import { strings } from '../../app/strings';
import { hueOf } from '../../chat/names';
import { mentionsUser } from '../../chat/timeline';
import { timeOfDay, wholeTime } from '../../hooks/dates';
import { Later, usePart } from '../../hooks/later';
import { useChat, useWatched } from '../../hooks/useChat';
import { useLongPress } from '../../hooks/useLongPress';
import { Words } from '../words/Words';
import { EditBox } from './EditBox';
import styles from './Message.module.css';
import { Quote } from './Quote';
import { Reactions } from './Reactions';
import type { RowActionsProps } from './RowActions';
import type { RowSheetProps } from './RowSheet';
import type { RowVerbs } from './verbs';

const actions = new Later<RowActionsProps>(() => import('./RowActions'));
const sheetOfRow = new Later<RowSheetProps>(() => import('./RowSheet'));

interface Props {
  roomId: string;
  id: string;
  rowKey: string;
  grouped: boolean;
  editing: boolean;
  /** Someone was just brought here. */
  pointedAt: boolean;
  /** The user may write in this room. */
  writes: boolean;
  /** The user may delete what others wrote. */
  moderates: boolean;
  verbs: RowVerbs;
}

export const MessageRow = memo(function MessageRow(props: Props) {
  const { roomId, id, rowKey, grouped, editing, verbs } = props;
  const chat = useChat();
  const message = useWatched(`message:${id}`, () => chat.timeline(roomId).message(id));
  const [pointed, setPointed] = useState(false);
  const [focused, setFocused] = useState(false);
  const [held, setHeld] = useState(false);
  const [sheet, setSheet] = useState(false);
  const leaving = useWatched(`message:${id}`, () => chat.deletions.has(id));
  const press = useLongPress(() => setSheet(true));
  if (!message) return null;

  const mine = message.author.id === chat.me.id;
  const sentAt = new Date(message.createdAt);
  const deleted = leaving || Boolean(message.deletedAt);
  const wanted = !mine && !deleted && mentionsUser(message, chat.me.id);
  const active = (pointed || focused || held) && !deleted && !editing;
  const may = {
    write: props.writes,
    edit: mine && props.writes,
    delete: (mine && props.writes) || props.moderates,
  };
  const time = (
    <time dateTime={message.createdAt} title={wholeTime(sentAt)}>
      {timeOfDay(sentAt)}
    </time>
  );

  // Focus left behind by a mouse is not a wish to act; a tap where nothing hovers is.
  function onFocus(event: FocusEvent) {
    setFocused(event.target.matches(':focus-visible') || matchMedia('(hover: none)').matches);
  }

  function onBlur(event: FocusEvent) {
    if (!event.currentTarget.contains(event.relatedTarget)) setFocused(false);
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Alt and a click is the short way to what the menu offers.
    <li
      className={styles.row}
      data-key={rowKey}
      data-id={id}
      data-grouped={grouped || undefined}
      data-wanted={wanted || undefined}
      data-pointed={props.pointedAt || undefined}
      // The place in the room's log; how many there are in all is not known here.
      aria-posinset={message.seq}
      aria-setsize={-1}
      tabIndex={-1}
      onClick={(event) => event.altKey && verbs.onMarkUnread(message)}
      onPointerEnter={(event) => event.pointerType === 'mouse' && setPointed(true)}
      onPointerLeave={() => setPointed(false)}
      onFocus={onFocus}
      onBlur={onBlur}
      {...press}
    >
      <span className={styles.gutter}>{time}</span>
      <div className={styles.body}>
        {!grouped && (
          <p className={styles.byline}>
            <bdi className={styles.author} data-hue={hueOf(message.author.id)}>
              {message.author.displayName}
            </bdi>
            {message.author.isBot && <span className={styles.note}>{strings.presence.bot}</span>}
            <span className={styles.inlineTime}>{time}</span>
          </p>
        )}
        {grouped && <span className="visually-hidden">{message.author.displayName}</span>}
        {message.replyTo && !deleted && (
          <Quote roomId={roomId} replyTo={message.replyTo} onJump={verbs.onJump} />
        )}
        {deleted ? (
          <p className={styles.deleted}>{strings.messages.deleted}</p>
        ) : editing ? (
          <EditBox message={message} onDone={verbs.onEditDone} />
        ) : (
          <>
            <Words id={id} written={message} className={styles.text} />
            {message.editedAt && (
              <span className={styles.note} title={wholeTime(new Date(message.editedAt))}>
                {strings.messages.edited}
              </span>
            )}
          </>
        )}
        {!deleted && <Reactions message={message} canReact={props.writes} />}
      </div>
      {active && <Actions message={message} may={may} verbs={verbs} onHold={setHeld} />}
      {sheet && !deleted && (
        <Sheet message={message} may={may} verbs={verbs} onClose={() => setSheet(false)} />
      )}
    </li>
  );
});

function Actions(props: RowActionsProps) {
  const RowActions = usePart(actions, true);
  return RowActions && <RowActions {...props} />;
}

function Sheet(props: RowSheetProps) {
  const RowSheet = usePart(sheetOfRow, true);
  return RowSheet && <RowSheet {...props} />;
}
