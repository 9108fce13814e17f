/** What can be done with a room: where it stands, how loud it may be, leaving it. */
import { Menu } from '@base-ui/react/menu';
import { Bell, Check, Clock, Ellipsis, LogOut, Moon, Pin, PinOff } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { strings } from '../../app/strings';
import type { Command } from '../../chat/commands';
import { endOf, MUTINGS } from '../../chat/muting';
import { isMuted } from '../../chat/rooms';
import { wholeTime } from '../../hooks/dates';
import { useChat } from '../../hooks/useChat';
import { usePreferences } from '../../hooks/usePreferences';
import { useCommands } from '../../hooks/useShell';
import { useTask } from '../../hooks/useTask';
import type { Membership, Room } from '../../protocol';
import { api, type Notifying } from '../../services/api';
import { Confirm } from '../ui/Confirm';
import menu from '../ui/Menu.module.css';
import styles from './RoomHeader.module.css';

const NOTIFYING = ['all', 'mentions', 'none'] as const satisfies readonly Membership['notify'][];

const SILENT: Notifying = { notify: 'none', mutedUntil: null };

/** What a room notified of before it was silent for good is not known any more. */
const loudAgain = ({ notify }: Membership): Notifying => ({
  ...(notify === 'none' ? { notify: 'all' } : {}),
  mutedUntil: null,
});

export function RoomMenu({ room, name }: { room: Room; name: string }) {
  const chat = useChat();
  const [leaving, setLeaving] = useState(false);
  const [, navigate] = useLocation();
  const { run } = useTask();

  const wish = (notifying: Notifying) =>
    run(async () => chat.rooms.setNotify(room.id, await api.setNotify(room.id, notifying)));

  async function leave() {
    await run(async () => {
      await api.leaveRoom(room.id, chat.me.id);
      chat.left(room.id);
      navigate('/');
    });
  }

  useCommands(roomCommands(room, wish, () => setLeaving(true)));

  return (
    <>
      <Menu.Root>
        <Menu.Trigger className={styles.menu} aria-label={strings.rooms.more}>
          <Ellipsis size={18} aria-hidden />
        </Menu.Trigger>
        <Menu.Portal>
          <Menu.Positioner className={menu.positioner} align="end" sideOffset={4}>
            <Menu.Popup className={menu.popup}>
              <PinItem roomId={room.id} />
              {room.membership && <Loudness membership={room.membership} wish={wish} />}
              {room.kind !== 'direct' && (
                <>
                  <Menu.Separator className={menu.separator} />
                  <Menu.Item className={`${menu.item} ${menu.danger}`} onClick={() => setLeaving(true)}>
                    <LogOut size={16} aria-hidden />
                    {strings.rooms.leave}
                  </Menu.Item>
                </>
              )}
            </Menu.Popup>
          </Menu.Positioner>
        </Menu.Portal>
      </Menu.Root>
      <Confirm
        open={leaving}
        title={strings.rooms.leaveTitle(name)}
        description={room.kind === 'private' ? strings.rooms.leavePrivate : strings.rooms.leavePublic}
        action={strings.rooms.leave}
        onConfirm={() => void leave()}
        onClose={() => setLeaving(false)}
      />
    </>
  );
}

function PinItem({ roomId }: { roomId: string }) {
  const { settings } = useChat();
  const pinned = usePreferences().pinned.includes(roomId);
  return (
    <Menu.Item className={menu.item} onClick={() => settings.pin(roomId, !pinned)}>
      {pinned ? <PinOff size={16} aria-hidden /> : <Pin size={16} aria-hidden />}
      {pinned ? strings.rooms.unpin : strings.rooms.pin}
    </Menu.Item>
  );
}

interface LoudnessProps {
  membership: Membership;
  wish: (notifying: Notifying) => unknown;
}

/** What the room may notify of, and for how long it is to be silent. */
function Loudness({ membership: { notify, mutedUntil }, wish }: LoudnessProps) {
  const now = new Date();
  const until = mutedUntil && Date.parse(mutedUntil) > now.getTime() ? new Date(mutedUntil) : undefined;
  const words = strings.rooms;
  return (
    <>
      <Menu.Separator className={menu.separator} />
      <Menu.RadioGroup
        value={notify}
        onValueChange={(chosen: Membership['notify']) => wish({ notify: chosen, mutedUntil: null })}
      >
        <Menu.Group>
          <Menu.GroupLabel className={menu.label}>{words.notifyOf}</Menu.GroupLabel>
          {NOTIFYING.map((option) => (
            <Menu.RadioItem key={option} value={option} className={menu.item} closeOnClick>
              <span className={menu.mark}>
                <Menu.RadioItemIndicator>
                  <Check size={16} aria-hidden />
                </Menu.RadioItemIndicator>
              </span>
              {words.notifying[option]}
            </Menu.RadioItem>
          ))}
        </Menu.Group>
      </Menu.RadioGroup>
      {notify !== 'none' && <Menu.Separator className={menu.separator} />}
      {until ? (
        <Menu.Item className={menu.item} onClick={() => wish({ mutedUntil: null })}>
          <Bell size={16} aria-hidden />
          <span>
            {words.unmute}
            <span className={menu.hint}>{words.mutedUntil(wholeTime(until))}</span>
          </span>
        </Menu.Item>
      ) : (
        notify !== 'none' &&
        MUTINGS.map((muting) => (
          <Menu.Item
            key={muting}
            className={menu.item}
            onClick={() => wish({ mutedUntil: endOf(muting, new Date()).toISOString() })}
          >
            {muting === 'hour' ? <Clock size={16} aria-hidden /> : <Moon size={16} aria-hidden />}
            {words.muteFor[muting]}
          </Menu.Item>
        ))
      )}
    </>
  );
}

function roomCommands(room: Room, wish: LoudnessProps['wish'], leave: () => void): Command[] {
  const muted = isMuted(room, Date.now());
  const { rooms: words } = strings;
  const group = 'room';
  return [
    muted
      ? {
          id: 'unmute',
          group,
          name: words.unmute,
          word: 'unmute',
          run: () => room.membership && wish(loudAgain(room.membership)),
        }
      : { id: 'mute', group, name: words.mute, word: 'mute', run: () => wish(SILENT) },
    ...(room.kind === 'direct'
      ? []
      : [{ id: 'leave', group, name: words.leave, word: 'leave', run: leave } as const]),
  ];
}
