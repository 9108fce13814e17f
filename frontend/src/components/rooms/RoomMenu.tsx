/** What can be done with a room: where it stands, how loud it may be, leaving it. */
import { Bell, Clock, Ellipsis, LogOut, Moon, Pin, PinOff } from 'lucide-react';
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
import { MenuButton, type MenuSection } from '../ui/MenuButton';
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

  const pinned = usePreferences().pinned.includes(room.id);
  const pin = { label: pinned ? strings.rooms.unpin : strings.rooms.pin, icon: pinned ? PinOff : Pin };
  const leaves = { icon: LogOut, label: strings.rooms.leave, danger: true, act: () => setLeaving(true) };

  return (
    <>
      <MenuButton
        label={strings.rooms.more}
        className={styles.menu}
        entries={[
          { ...pin, act: () => chat.settings.pin(room.id, !pinned) },
          ...(room.membership ? loudness(room.membership, wish) : []),
          { entries: room.kind === 'direct' ? [] : [leaves] },
        ]}
      >
        <Ellipsis size={18} aria-hidden />
      </MenuButton>
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

type Wish = (notifying: Notifying) => unknown;

/** What the room may notify of, and for how long it is to be silent. */
function loudness({ notify, mutedUntil }: Membership, wish: Wish): MenuSection[] {
  const words = strings.rooms;
  const until = mutedUntil && Date.parse(mutedUntil) > Date.now() ? new Date(mutedUntil) : undefined;
  const options = NOTIFYING.map((option) => ({
    label: words.notifying[option],
    chosen: option === notify,
    act: () => wish({ notify: option, mutedUntil: null }),
  }));
  const unmute = {
    icon: Bell,
    label: words.unmute,
    hint: until && words.mutedUntil(wholeTime(until)),
    act: () => wish({ mutedUntil: null }),
  };
  const mutes = MUTINGS.map((muting) => ({
    icon: muting === 'hour' ? Clock : Moon,
    label: words.muteFor[muting],
    act: () => wish({ mutedUntil: endOf(muting, new Date()).toISOString() }),
  }));
  return [
    { name: words.notifyOf, entries: options },
    { entries: until ? [unmute] : notify === 'none' ? [] : mutes },
  ];
}

function roomCommands(room: Room, wish: Wish, leave: () => void): Command[] {
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
