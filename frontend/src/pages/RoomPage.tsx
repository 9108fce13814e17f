/** One room: its head, its messages, the place to write, and who is here. */
import { useEffect, useLayoutEffect, useState } from 'react';
import { strings } from '../app/strings';
import type { Command } from '../chat/commands';
import { Failure } from '../chat/failure';
import { Composer } from '../components/messages/Composer';
import { Timeline } from '../components/messages/Timeline';
import { TypingLine } from '../components/messages/TypingLine';
import { PeoplePanel } from '../components/presence/PeoplePanel';
import { RoomHeader } from '../components/rooms/RoomHeader';
import { RoomSkeleton } from '../components/rooms/RoomSkeleton';
import { Button } from '../components/ui/Button';
import { NotHere } from '../components/ui/NotHere';
import { Trouble } from '../components/ui/Trouble';
import { useChat, useWatched } from '../hooks/useChat';
import { useEntry } from '../hooks/useEntry';
import { useJoin } from '../hooks/useJoin';
import { useRoomName } from '../hooks/useRoomName';
import { useCommands } from '../hooks/useShell';
import { useTitle } from '../hooks/useTitle';
import { useVisit } from '../hooks/useVisit';
import type { Message, Room } from '../protocol';
import { api } from '../services/api';
import styles from './RoomPage.module.css';

const WIDE = '(width >= 1100px)';

interface Props {
  roomId: string;
  /** The message that the address names. */
  messageId: string | undefined;
}

export function RoomPage({ roomId, messageId }: Props) {
  const chat = useChat();
  const mine = useWatched(`room:${roomId}`, () => chat.rooms.face(roomId));
  const visited = useVisitedRoom(roomId, mine === undefined);
  const room = mine ?? visited.room;
  if (room) return <OpenRoom room={room} messageId={messageId} />;
  return visited.failure ? (
    <MissingRoom failure={visited.failure} onRetry={visited.retry} />
  ) : (
    <RoomSkeleton />
  );
}

/** A public room can be read without being a member of it. */
function useVisitedRoom(roomId: string, wanted: boolean) {
  const [room, setRoom] = useState<Room>();
  const [failure, setFailure] = useState<Failure>();
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt asks again.
  useEffect(() => {
    if (!wanted) return;
    let current = true;
    setFailure(undefined);
    setRoom(undefined);
    api.room(roomId).then(
      (found) => current && setRoom(found),
      (thrown) => current && setFailure(Failure.from(thrown)),
    );
    return () => {
      current = false;
    };
  }, [roomId, wanted, attempt]);
  return { room, failure, retry: () => setAttempt(attempt + 1) };
}

function OpenRoom({ room, messageId }: { room: Room; messageId: string | undefined }) {
  const chat = useChat();
  const { entry, leadsBack } = useEntry();
  const name = useRoomName(room);
  const [panel, setPanel] = usePanel();
  const [replyTo, setReplyTo] = useState<Message>();
  const [editing, setEditing] = useState<string>();
  const [sent, setSent] = useState(0);
  const visit = useVisit(room.id, entry);
  const ready = useOpened(room.id, entry, messageId, visit);
  useTitle(name);
  useCommands(roomCommands(panel, () => setPanel(!panel)));

  function editLast() {
    const { items } = chat.timeline(room.id);
    const last = items.findLast((item) => {
      const message = item.kind === 'message' ? chat.timeline(room.id).message(item.id) : undefined;
      return message?.author.id === chat.me.id && !message.deletedAt && !chat.deletions.has(message.id);
    });
    if (last?.kind === 'message') setEditing(last.id);
  }

  return (
    <>
      <RoomHeader
        room={room}
        name={name}
        leadsBack={leadsBack ?? false}
        panelOpen={panel}
        onTogglePanel={() => setPanel(!panel)}
      />
      <div className={styles.body}>
        <div className={styles.column}>
          <Timeline
            key={visit}
            room={room}
            name={name}
            ready={ready}
            entry={entry}
            target={messageId}
            sent={sent}
            editing={editing}
            onEdit={setEditing}
            onReply={setReplyTo}
          />
          <TypingLine roomId={room.id} />
          {room.archivedAt ? (
            <p className={styles.note}>{strings.rooms.archived}</p>
          ) : room.membership ? (
            <Composer
              room={room}
              name={name}
              replyTo={replyTo}
              onReplyDone={() => setReplyTo(undefined)}
              onSent={() => setSent(sent + 1)}
              onEditLast={editLast}
            />
          ) : (
            <JoinBar room={room} />
          )}
        </div>
        {panel && <PeoplePanel room={room} onClose={() => setPanel(false)} />}
      </div>
    </>
  );
}

function roomCommands(panel: boolean, togglePanel: () => void): Command[] {
  const name = panel ? strings.presence.hide : strings.presence.show;
  return [{ id: 'people', group: 'room', name, keys: ['Mod+Shift+P'], run: togglePanel }];
}

/**
 * Opens a room where the reader means to begin, at another visit anew; true when all that is to be
 * shown first is here.
 */
function useOpened(
  roomId: string,
  entry: string | undefined,
  messageId: string | undefined,
  visit: number,
): boolean {
  const chat = useChat();
  const [openedFor, setOpenedFor] = useState<number>();
  const former = entry === undefined ? undefined : chat.places.at(entry);
  // Only the first place counts: later ones in the same room are gone to by the timeline.
  const [begin] = useState(former === undefined || former === 'end' ? messageId : former.messageId);
  useLayoutEffect(() => {
    let current = true;
    const opening = chat.open(roomId, begin);
    setOpenedFor(opening === undefined ? visit : undefined);
    void opening?.then(() => current && setOpenedFor(visit));
    return () => {
      current = false;
      void chat.open(undefined);
    };
  }, [chat, roomId, begin, visit]);
  return openedFor === visit;
}

/** Open where there is room for it, until the user says otherwise. */
function usePanel() {
  const [open, setOpen] = useState(() => matchMedia(WIDE).matches);
  useEffect(() => {
    const wide = matchMedia(WIDE);
    const fit = () => setOpen(wide.matches);
    wide.addEventListener('change', fit);
    return () => wide.removeEventListener('change', fit);
  }, []);
  return [open, setOpen] as const;
}

function JoinBar({ room }: { room: Room }) {
  const join = useJoin();
  return (
    <div className={styles.note}>
      <span>{strings.rooms.joinToWrite}</span>
      <Button onClick={() => join(room)}>{strings.rooms.joinRoom}</Button>
    </div>
  );
}

function MissingRoom({ failure, onRetry }: { failure: Failure; onRetry: () => void }) {
  const { rooms: words } = strings;
  useTitle(undefined);
  if (failure.code === 'not_found') return <NotHere title={words.gone} hint={words.goneHint} />;
  if (failure.code === 'forbidden') return <NotHere title={words.forbidden} hint={words.forbiddenHint} />;
  return (
    <section className={styles.trouble}>
      <Trouble what={words.notOpened} failure={failure} onRetry={onRetry} />
    </section>
  );
}
